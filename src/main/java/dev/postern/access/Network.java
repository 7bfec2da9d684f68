package dev.postern.access;

import java.net.InetAddress;
import java.util.Arrays;

/** A network of IP addresses, in CIDR notation. Its parts are compared as bytes, so a check costs no parsing. */
public final class Network {
    private static final int V4_BITS = 32;
    private static final int V6_BITS = 128;
    /** The prefix of the IPv4-mapped addresses in IPv6. */
    private static final int MAPPED_BITS = V6_BITS - V4_BITS;

    private final byte[] address;
    private final int prefix;

    private Network(byte[] address, int prefix) {
        this.address = address;
        this.prefix = prefix;
    }

    /**
     * Reads a network such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}. An address without a prefix is the network
     * of this address only. IPv4-mapped IPv6 becomes IPv4.
     *
     * @throws IllegalArgumentException if it is not a network, or has bits set after its prefix; the message says what
     *                                  is wrong, and callers put a name before it
     */
    public static Network parse(String text) {
        Network written = read(text);
        Network masked = written.masked();
        if (!written.equals(masked)) {
            throw new IllegalArgumentException("has bits set after its prefix; " + masked + " is the network, and "
                    + IpAddresses.text(written.address) + " the address alone");
        }
        return written;
    }

    /**
     * The same, but ignores the bits after the prefix, and requires a prefix.
     *
     * @throws IllegalArgumentException if it is not a network
     */
    public static Network parseIgnoringHost(String text) {
        if (text.indexOf('/') < 0) {
            throw notANetwork();
        }
        return read(text).masked();
    }

    private static Network read(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = IpAddresses.parse(literal).orElseThrow(Network::notANetwork);
        boolean writtenAsV6 = literal.indexOf(':') >= 0;
        int bits = writtenAsV6 ? V6_BITS : V4_BITS;
        int prefix = slash < 0 ? bits : prefix(text.substring(slash + 1), bits);
        if (writtenAsV6 && IpAddresses.isV4(address)) {
            if (prefix < MAPPED_BITS) {
                throw new IllegalArgumentException(
                        "is only partly in the IPv4-mapped addresses; write IPv4 networks as IPv4");
            }
            prefix -= MAPPED_BITS;
        }
        return new Network(address.getAddress(), prefix);
    }

    private static int prefix(String text, int most) {
        // No sign, no leading zero, no digits other than these.
        if (text.length() <= 3 && text.matches("0|[1-9][0-9]*")) {
            int prefix = Integer.parseInt(text);
            if (prefix <= most) {
                return prefix;
            }
        }
        throw new IllegalArgumentException("has no prefix from 0 to " + most);
    }

    private static IllegalArgumentException notANetwork() {
        return new IllegalArgumentException("is not a network such as 10.0.0.0/8 or 2001:db8::/32");
    }

    private Network masked() {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] &= (byte) mask(i);
        }
        return new Network(masked, prefix);
    }

    /** The bits of this byte that belong to the prefix. */
    private int mask(int index) {
        int bits = Math.clamp(prefix - (long) index * Byte.SIZE, 0, Byte.SIZE);
        return 0xff << (Byte.SIZE - bits) & 0xff;
    }

    /** Whether the address is in this network. */
    public boolean contains(InetAddress other) {
        return contains(other.getAddress());
    }

    /** @param other 4 or 16 bytes, in network order */
    boolean contains(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = prefix / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (other[i] != address[i]) {
                return false;
            }
        }
        return whole == address.length || ((other[whole] ^ address[whole]) & mask(whole)) == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network network && prefix == network.prefix && Arrays.equals(address, network.address);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(address) * 31 + prefix;
    }

    /** In CIDR notation, in the form that all equal networks share. */
    @Override
    public String toString() {
        return IpAddresses.text(address) + "/" + prefix;
    }
}
