package dev.postern.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.IpAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressesTest {
    private static final ClientAddresses ADDRESSES = new ClientAddresses(List.of("10.0.0.0/8", "fd00::/8"));

    private static String client(String peer, Map<String, List<String>> headers) {
        TreeMap<String, List<String>> folded = new TreeMap<>();
        headers.forEach((name, values) -> folded.put(name.toLowerCase(Locale.ROOT), values));
        return text(ADDRESSES.of(new InetSocketAddress(IpAddresses.parse(peer).orElseThrow(), 4711),
                name -> folded.get(name.toLowerCase(Locale.ROOT))));
    }

    private static String text(@Nullable InetAddress address) {
        return address == null ? "unknown" : IpAddresses.text(address);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            192.0.2.1 | none                              | 192.0.2.1
            192.0.2.1 | 10.0.0.1                          | 192.0.2.1
            10.0.0.1  | none                              | 10.0.0.1
            10.0.0.1  | 192.0.2.1                         | 192.0.2.1
            10.0.0.1  | 198.51.100.7, 192.0.2.1           | 192.0.2.1
            10.0.0.1  | 198.51.100.7, 192.0.2.1, 10.0.0.2 | 192.0.2.1
            10.0.0.1  | 10.9.9.9, 192.0.2.1               | 192.0.2.1
            10.0.0.1  | 10.0.0.3, 10.0.0.2                | 10.0.0.3
            10.0.0.1  | 192.0.2.1, unknown                | unknown
            10.0.0.1  | unknown, 192.0.2.1                | 192.0.2.1
            10.0.0.1  | unknown                           | unknown
            10.0.0.1  | evil.test                         | unknown
            10.0.0.1  | 192.0.2.1:4711                    | 192.0.2.1
            10.0.0.1  | [2001:db8::1]:4711                | 2001:db8::1
            10.0.0.1  | ::ffff:192.0.2.1                  | 192.0.2.1
            fd00::1   | 2001:db8::1                       | 2001:db8::1
            fd00::1   | ::ffff:10.0.0.2                   | 10.0.0.2
            """)
    void isTheNearestThatIsNoTrustedProxy(String peer, @Nullable String forwardedFor, String client) {
        assertThat(client(peer, forwardedFor == null ? Map.of() : Map.of("X-Forwarded-For", List.of(forwardedFor))))
                .isEqualTo(client);
    }

    @Test
    void readsSeveralLinesAsOne() {
        assertThat(client("10.0.0.1", Map.of("X-Forwarded-For", List.of("10.9.9.9", "192.0.2.1, 10.0.0.2"))))
                .isEqualTo("192.0.2.1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            for=192.0.2.1                         | 192.0.2.1
            for=198.51.100.7, for="192.0.2.1:80"  | 192.0.2.1
            for="[2001:db8::1]:80"                | 2001:db8::1
            for=_hidden                           | unknown
            for=192.0.2.1, proto=https            | unknown
            nonsense                              | unknown
            """)
    void readsForwardedWithoutTheOther(String forwarded, String client) {
        assertThat(client("10.0.0.1", Map.of("Forwarded", List.of(forwarded)))).isEqualTo(client);
    }

    @Test
    void believesTheOtherMoreThanForwarded() {
        assertThat(client("10.0.0.1", Map.of("Forwarded", List.of("for=198.51.100.7"), "X-Forwarded-For",
                List.of("192.0.2.1")))).isEqualTo("192.0.2.1");
    }

    @Test
    void isUnknownWithoutAPeer() {
        assertThat(ADDRESSES.of(null, _ -> List.of("192.0.2.1"))).isNull();
        assertThat(ADDRESSES.of(InetSocketAddress.createUnresolved("10.0.0.1", 1), _ -> List.of("192.0.2.1")))
                .isNull();
    }
}
