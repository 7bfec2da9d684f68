package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

class ForwardedHeadersTest {
    private static HttpHeaders told(String peer, boolean trusted, String... client) throws UnknownHostException {
        HttpHeaders from = new HttpHeaders();
        for (String line : client) {
            from.add(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).strip());
        }
        HttpHeaders to = new HttpHeaders();
        ForwardedHeaders.write(new TestHead("GET", "/", from, new InetSocketAddress(InetAddress.getByName(peer), 4711)),
                trusted, "http", to::set);
        return to;
    }

    @ParameterizedTest
    @CsvSource({"2001:0db8:0:0:0:0:0:0001,2001:db8::1", "0:0:0:0:0:0:0:1,::1",
            "2001:DB8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1",
            "fe80::1,fe80::1", "::ffff:192.0.2.1,192.0.2.1", "192.0.2.1,192.0.2.1"})
    void anAddressIsInItsShortForm(String peer, String written) throws UnknownHostException {
        assertThat(told(peer, false).getFirst("X-Forwarded-For")).isEqualTo(written);
    }

    @Test
    void anIpv6AddressIsQuotedAndInBracketsInForwarded() throws UnknownHostException {
        assertThat(told("2001:0db8:0:0:0:0:0:1", true, "Forwarded: for=192.0.2.1").getFirst("Forwarded"))
                .isEqualTo("for=192.0.2.1, for=\"[2001:db8::1]\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"for=a;host=\"x,y\";proto=http, for=b | a, b, ::1",
            "For=\"[2001:db8::1]:80\" | 2001:db8::1, ::1", "for=\"192.0.2.1:80\" | 192.0.2.1, ::1",
            "for=_hidden | _hidden, ::1", "for=unknown | unknown, ::1", "proto=https | ::1", "for | ::1",
            "for=a,, | ::1"})
    void forwardedIsReadAsRfc7239HasIt(String forwarded, String nodes) throws UnknownHostException {
        assertThat(told("::1", true, "Forwarded: " + forwarded).getFirst("X-Forwarded-For")).isEqualTo(nodes);
    }

    @Test
    void forwardedCannotBeInjectedInto() throws UnknownHostException {
        HttpHeaders told = told("::1", true, "Forwarded: for=6.6.6.6", "X-Forwarded-For: a\";for=b, 192.0.2.1",
                "X-Forwarded-Proto: https;x=y", "X-Forwarded-Host: a\"b");

        assertThat(told.getFirst("Forwarded")).isEqualTo("for=unknown, for=192.0.2.1, for=\"[::1]\"");
    }
}
