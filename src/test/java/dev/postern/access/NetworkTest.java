package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    private static InetAddress address(String text) {
        return IpAddresses.parse(text).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8,10.0.0.0/8", "0.0.0.0/0,0.0.0.0/0", "192.0.2.1,192.0.2.1/32", "192.0.2.1/32,192.0.2.1/32",
            "192.0.2.128/25,192.0.2.128/25", "::/0,::/0", "::1,::1/128", "2001:DB8::/32,2001:db8::/32",
            "2001:0db8:0:0:0:0:0:0/32,2001:db8::/32", "fd00::/8,fd00::/8", "2001:db8:0:1::/64,2001:db8:0:1::/64",
            "1:0:0:2:0:0:0:0/64,1:0:0:2::/64", "1:2:3:4:5:6:7:0/112,1:2:3:4:5:6:7:0/112",
            "::ffff:10.0.0.0/104,10.0.0.0/8", "::ffff:192.0.2.1,192.0.2.1/32", "::ffff:0:0/96,0.0.0.0/0",
            "64:ff9b::192.0.2.33,64:ff9b::c000:221/128"})
    void isWrittenInOneForm(String text, String written) {
        assertThat(Network.parse(text)).hasToString(written).isEqualTo(Network.parse(written))
                .hasSameHashCodeAs(Network.parse(written));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
            "10.0.0.0/8/8", "10.0.0.0/ 8", " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0/8", "10/8", "10.0.0.256/32",
            "010.0.0.0/8", "0x0a.0.0.0/8", "10.0.0.0/255.0.0.0", "::/129", "::/1280000000000", ":::/1", "1:2:3/64",
            "fe80::1%eth0/64", "[::1]/128", "::ffff:010.0.0.1", "::ffff:10.0.0", "host.test", "localhost/32", "*",
            "10.0.0.0/٨", "::ffff:0:0/95"})
    void isNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Network.parse(text))
                .satisfies(wrong -> assertThat(wrong.getMessage()).matches("(is|has) .*"));
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3/8,10.0.0.0/8,10.1.2.3", "192.0.2.129/25,192.0.2.128/25,192.0.2.129",
            "0.0.0.1/0,0.0.0.0/0,0.0.0.1", "2001:db8::1/32,2001:db8::/32,2001:db8::1",
            "::ffff:10.0.0.1/104,10.0.0.0/8,10.0.0.1"})
    void saysWhatWasMeantWhereBitsAreSetBehindThePrefix(String text, String network, String alone) {
        assertThatIllegalArgumentException().isThrownBy(() -> Network.parse(text))
                .withMessage("has bits set after its prefix; " + network + " is the network, and " + alone
                        + " the address alone");
        assertThat(Network.parseIgnoringHost(text)).hasToString(network);
    }

    @Test
    void needsAPrefixInTheSettings() {
        assertThatIllegalArgumentException().isThrownBy(() -> Network.parseIgnoringHost("10.0.0.0"));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8,10.255.255.255,true", "10.0.0.0/8,11.0.0.0,false", "10.0.0.0/8,9.255.255.255,false",
            "192.0.2.128/25,192.0.2.128,true", "192.0.2.128/25,192.0.2.127,false", "192.0.2.1/32,192.0.2.1,true",
            "192.0.2.1/32,192.0.2.0,false", "0.0.0.0/0,255.255.255.255,true", "128.0.0.0/1,127.255.255.255,false",
            "128.0.0.0/1,255.0.0.1,true", "::/0,2001:db8::1,true", "::/0,10.0.0.1,false", "0.0.0.0/0,::1,false",
            "::ffff:10.0.0.0/104,10.1.2.3,true", "10.0.0.0/8,::ffff:10.1.2.3,true", "::/0,::ffff:10.1.2.3,false",
            "2001:db8::/33,2001:db8:7fff:ffff::1,true", "2001:db8::/33,2001:db8:8000::1,false",
            "::1/128,::1,true", "::1/128,::2,false", "::1/128,::,false"})
    void contains(String network, String address, boolean contained) {
        assertThat(Network.parse(network).contains(address(address))).isEqualTo(contained);
    }

    @ParameterizedTest
    @CsvSource({"::,::", "::1,::1", "1::,1::", "0:0:1:0:0:0:1:0,0:0:1::1:0", "1:0:0:2:3:0:0:4,1::2:3:0:0:4",
            "1:0:2:3:4:5:6:7,1:0:2:3:4:5:6:7", "2001:DB8:A::F,2001:db8:a::f", "::ffff:192.0.2.1,192.0.2.1",
            "0.0.0.0,0.0.0.0", "255.255.255.255,255.255.255.255"})
    void anAddressIsWrittenInItsShortForm(String text, String written) {
        assertThat(IpAddresses.text(address(text))).isEqualTo(written);
    }

    @Test
    void limitsPermitWhatOneNetworkContains() {
        Limits limits = new Limits(Optional.empty(), List.of(Network.parse("10.0.0.0/8"), Network.parse("::1"),
                Network.parse("10.0.0.0/8")));

        assertThat(limits.networks()).hasSize(2);
        assertThat(limits.permits(address("10.0.0.1"))).isTrue();
        assertThat(limits.permits(address("::1"))).isTrue();
        assertThat(limits.permits(address("192.0.2.1"))).isFalse();
        assertThat(limits.permits(null)).as("unknown").isFalse();
        assertThat(Limits.NONE.permits(null)).isTrue();
    }
}
