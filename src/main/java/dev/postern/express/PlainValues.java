package dev.postern.express;

/** Recognizes the values of the headers that the plain form restricts. */
final class PlainValues {
    private static final int MAX_LENGTH_DIGITS = 15;

    private PlainValues() {}

    /** A name or an IPv4 address with an optional port; others are left to the codec and the rules behind it. */
    static boolean isHost(PlainHead head, int line) {
        byte[] bytes = head.bytes;
        int at = head.valueStart(line);
        int end = head.valueEnd(line);
        int start = at;
        while (at < end && (Bytes.isDigit(bytes[at]) || (bytes[at] >= 'a' && bytes[at] <= 'z')
                || (bytes[at] >= 'A' && bytes[at] <= 'Z') || bytes[at] == '.' || bytes[at] == '-'
                || bytes[at] == '_')) {
            at++;
        }
        if (at == start || at == end) {
            return at > start;
        }
        int digits = end - at - 1;
        if (bytes[at] != ':' || digits < 1 || digits > 5) {
            return false;
        }
        for (int i = at + 1; i < end; i++) {
            if (!Bytes.isDigit(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** Takes note of a Connection that is {@code keep-alive} or {@code close}. */
    static boolean takesConnection(PlainHead head, int line) {
        if (Bytes.equalsIgnoringCase(head.bytes, head.valueStart(line), head.valueEnd(line), "close")) {
            head.close = true;
            return true;
        }
        return Bytes.equalsIgnoringCase(head.bytes, head.valueStart(line), head.valueEnd(line), "keep-alive");
    }

    /** Takes note of the length of the body, if it is a plain number and the only one. */
    static boolean takesLength(PlainHead head, int line) {
        int at = head.valueStart(line);
        int end = head.valueEnd(line);
        boolean plain = head.contentLength < 0 && at < end && end - at <= MAX_LENGTH_DIGITS
                && (head.bytes[at] != '0' || end - at == 1);
        long length = 0;
        while (plain && at < end) {
            plain = Bytes.isDigit(head.bytes[at]);
            length = length * 10 + (head.bytes[at++] - '0');
        }
        if (plain) {
            head.contentLength = length;
        }
        return plain;
    }
}
