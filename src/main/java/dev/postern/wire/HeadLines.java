package dev.postern.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header lines that determine the framing of a message. Reading them also checks the syntax of all other lines.
 *
 * @param contentLength    in bytes; {@link #NO_LENGTH} without a {@code Content-Length}
 * @param transferEncoding null without a {@code Transfer-Encoding}
 * @param close            whether {@code Connection} has the option {@code close}
 * @param keepAlive        whether it has the option {@code keep-alive}
 */
record HeadLines(long contentLength, @Nullable String transferEncoding, boolean close, boolean keepAlive) {
    static final long NO_LENGTH = -1;
    private static final String CONNECTION = "connection";
    private static final String CONTENT_LENGTH = "content-length";
    private static final String TRANSFER_ENCODING = "transfer-encoding";
    /** Far above any body, far below an overflow. */
    private static final int MAX_LENGTH_DIGITS = 15;

    /** @param to index of the empty line that ends the head */
    static HeadLines read(byte[] in, int from, int to) throws BadResponseException {
        long contentLength = NO_LENGTH;
        String transferEncoding = null;
        boolean close = false;
        boolean keepAlive = false;
        int line = from;
        while (line < to) {
            int colon = endOfName(in, line, to);
            int end = endOfText(in, colon + 1, to);
            if (isNamed(in, line, colon, CONTENT_LENGTH)) {
                requireFirst(contentLength == NO_LENGTH, "Content-Length");
                contentLength = length(in, afterBlanks(in, colon + 1, end), beforeBlanks(in, colon + 1, end));
            } else if (isNamed(in, line, colon, TRANSFER_ENCODING)) {
                requireFirst(transferEncoding == null, "Transfer-Encoding");
                transferEncoding = new String(in, colon + 1, end - colon - 1, StandardCharsets.US_ASCII).strip();
            } else if (isNamed(in, line, colon, CONNECTION)) {
                close |= hasOption(in, colon + 1, end, "close");
                keepAlive |= hasOption(in, colon + 1, end, "keep-alive");
            }
            line = end + 2;
        }
        return new HeadLines(contentLength, transferEncoding, close, keepAlive);
    }

    /** Whether a list has this option, in any case. */
    private static boolean hasOption(byte[] in, int from, int to, String option) {
        int start = from;
        for (int at = from; at <= to; at++) {
            if (at == to || in[at] == ',') {
                int first = afterBlanks(in, start, at);
                if (isNamed(in, first, beforeBlanks(in, first, at), option)) {
                    return true;
                }
                start = at + 1;
            }
        }
        return false;
    }

    static int afterBlanks(byte[] in, int from, int to) {
        int at = from;
        while (at < to && isBlank(in[at])) {
            at++;
        }
        return at;
    }

    static int beforeBlanks(byte[] in, int from, int to) {
        int at = to;
        while (at > from && isBlank(in[at - 1])) {
            at--;
        }
        return at;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static void requireFirst(boolean isFirst, String name) throws BadResponseException {
        if (!isFirst) {
            throw new BadResponseException("the response has more than one " + name);
        }
    }

    private static long length(byte[] in, int from, int to) throws BadResponseException {
        int digits = to - from;
        boolean plain = digits > 0 && digits <= MAX_LENGTH_DIGITS && (digits == 1 || in[from] != '0');
        long length = 0;
        for (int i = from; i < to && plain; i++) {
            int digit = in[i] - '0';
            plain = digit >= 0 && digit <= 9;
            length = length * 10 + digit;
        }
        if (!plain) {
            throw new BadResponseException("the Content-Length is not a plain decimal number");
        }
        return length;
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

    /** The end of a line, before its CR LF. All that is in the line must be text. */
    private static int endOfText(byte[] in, int from, int to) throws BadResponseException {
        int at = from;
        while (at < to && Tokens.isText(in[at])) {
            at++;
        }
        // The head was divided at its line feeds, each of which has a carriage return before it.
        if (at + 1 >= to || in[at] != '\r' || in[at + 1] != '\n') {
            throw new BadResponseException("a line of the head contains a control character");
        }
        return at;
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
}
