package dev.postern.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header lines that determine the framing of a message. Reading them also checks the syntax of all other lines.
 *
 * @param connection the values of {@code Connection}, with commas between them
 */
record HeadLines(@Nullable String contentLength, @Nullable String transferEncoding, String connection) {
    private static final String CONNECTION = "connection";
    private static final String CONTENT_LENGTH = "content-length";
    private static final String TRANSFER_ENCODING = "transfer-encoding";

    /** @param to index of the empty line that ends the head */
    static HeadLines read(byte[] in, int from, int to) throws BadResponseException {
        String contentLength = null;
        String transferEncoding = null;
        String connection = "";
        int line = from;
        while (line < to) {
            int end = indexOf(in, line, to, (byte) '\n') - 1;
            int colon = endOfName(in, line, end);
            requireText(in, colon + 1, end);
            if (isNamed(in, line, colon, CONTENT_LENGTH)) {
                contentLength = only(contentLength, in, colon + 1, end, "Content-Length");
            } else if (isNamed(in, line, colon, TRANSFER_ENCODING)) {
                transferEncoding = only(transferEncoding, in, colon + 1, end, "Transfer-Encoding");
            } else if (isNamed(in, line, colon, CONNECTION)) {
                String options = new String(in, colon + 1, end - colon - 1, StandardCharsets.US_ASCII);
                connection = connection.isEmpty() ? options : connection + "," + options;
            }
            line = end + 2;
        }
        return new HeadLines(contentLength, transferEncoding, connection);
    }

    /** Whether {@code Connection} has an option, in any case. */
    boolean hasOption(String option) {
        if (connection.isEmpty()) {
            return false;
        }
        for (String present : connection.split(",", -1)) {
            if (present.strip().equalsIgnoreCase(option)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Also refuses a blank at the beginning of a line, which would fold it into the previous line: a blank is not a
     * token character.
     */
    private static int endOfName(byte[] in, int from, int to) throws BadResponseException {
        int i = from;
        while (i < to && Tokens.isToken(in[i])) {
            i++;
        }
        if (i == from || i == to || in[i] != ':') {
            throw new BadResponseException("a header line does not start with a name and a colon");
        }
        return i;
    }

    /** Refuses control characters, especially CR and NUL, except for the tab, which is a blank. */
    static void requireText(byte[] in, int from, int to) throws BadResponseException {
        for (int i = from; i < to; i++) {
            if (!Tokens.isText(in[i])) {
                throw new BadResponseException("a line of the head contains a control character");
            }
        }
    }

    /** Negative if the byte is not there. */
    static int indexOf(byte[] in, int from, int to, byte what) {
        for (int i = from; i < to; i++) {
            if (in[i] == what) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isNamed(byte[] in, int from, int to, String name) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            byte b = in[from + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String only(@Nullable String before, byte[] in, int from, int to, String name)
            throws BadResponseException {
        if (before != null) {
            throw new BadResponseException("the response has more than one " + name);
        }
        return new String(in, from, to - from, StandardCharsets.US_ASCII).strip();
    }
}
