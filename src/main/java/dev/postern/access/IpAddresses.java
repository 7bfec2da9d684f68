package dev.postern.access;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads and writes IP addresses. Accepts only literals, so nothing here asks a name server. An IPv4-mapped IPv6 address
 * ({@code ::ffff:10.0.0.1}) is the IPv4 address that it contains: which of the two a program sees depends on the
 * socket.
 */
public final class IpAddresses {
    private static final int GROUPS = 8;
    /** Without leading zeros, which some programs read as octal. */
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    /** Without a zone: the interface of another machine means nothing here. */
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private IpAddresses() {}

    /** The address that a literal stands for; empty if the text is not a literal. */
    public static Optional<InetAddress> parse(String text) {
        boolean isLiteral = text.indexOf(':') < 0
                ? V4.matcher(text).matches()
                : V6.matcher(text).matches() && hasPlainTail(text);
        try {
            return isLiteral ? Optional.of(InetAddress.ofLiteral(text)) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** An IPv6 address may end with an IPv4 address, to which the same rule applies. */
    private static boolean hasPlainTail(String text) {
        return text.indexOf('.') < 0 || V4.matcher(text.substring(text.lastIndexOf(':') + 1)).matches();
    }

    /** The usual text of an address; IPv6 in its short form (RFC 5952). */
    public static String text(InetAddress address) {
        return text(address.getAddress());
    }

    static String text(byte[] address) {
        if (address.length == Integer.BYTES) {
            return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "."
                    + (address[3] & 0xff);
        }
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        return text(groups);
    }

    private static String text(int[] groups) {
        int from = 0;
        int length = 0;
        for (int start = 0; start < GROUPS; start++) {
            int end = start;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - start > length) {
                from = start;
                length = end - start;
            }
        }
        // A single zero is not shortened.
        int shortened = length > 1 ? from : GROUPS;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == shortened) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    static boolean isV4(InetAddress address) {
        return address instanceof Inet4Address;
    }
}
