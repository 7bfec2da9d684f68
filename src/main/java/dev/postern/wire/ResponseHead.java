package dev.postern.wire;

import io.netty.handler.codec.http.HttpMethod;

/**
 * The status and the framing of a response, read from its head. Accepts only heads that every HTTP/1.1 reader
 * interprets in the same way; anything else is a {@link BadResponseException}.
 *
 * @param status  100 to 599
 * @param body    how the body is framed
 * @param length  length of the body in bytes when it is {@link Body#FIXED}, otherwise 0
 * @param lasting whether the server keeps the connection open (RFC 9112, section 9.3)
 */
public record ResponseHead(int status, Body body, long length, boolean lasting) {
    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.'};
    /** {@code HTTP/1.1 200}. */
    private static final int SHORTEST_STATUS_LINE = 12;
    private static final int LOWEST_STATUS = 100;
    private static final int HIGHEST_STATUS = 599;

    /** How the end of a body is found. */
    public enum Body {
        NONE, FIXED, CHUNKED, UNTIL_CLOSE
    }

    boolean isInterim() {
        return status < 200 && status != 101;
    }

    /** Finds the end of the head: the index after its empty line; negative when the head is incomplete. */
    static int end(byte[] in, int from, int to) throws BadResponseException {
        int line = from;
        while (line < to) {
            int newline = HeadLines.indexOf(in, line, to, (byte) '\n');
            if (newline < 0) {
                return -1;
            }
            if (newline == line || in[newline - 1] != '\r') {
                throw new BadResponseException("a line of the head does not end with CR LF");
            }
            if (newline == line + 1) {
                return newline + 1;
            }
            line = newline + 1;
        }
        return -1;
    }

    /** @param end index after the empty line of the head */
    static ResponseHead read(byte[] in, int from, int end, HttpMethod method) throws BadResponseException {
        int firstEnd = HeadLines.indexOf(in, from, end, (byte) '\n') - 1;
        int status = status(in, from, firstEnd);
        boolean http10 = in[from + VERSION.length] == '0';
        HeadLines lines = HeadLines.read(in, firstEnd + 2, end - 2);
        boolean lasting = !lines.close() && (!http10 || lines.keepAlive());
        if (status < 200 || status == 204 || status == 304 || HttpMethod.HEAD.equals(method)) {
            return new ResponseHead(status, Body.NONE, 0, lasting);
        }
        if (lines.transferEncoding() != null) {
            if (http10) {
                throw new BadResponseException("an HTTP/1.0 response has a Transfer-Encoding");
            }
            if (lines.contentLength() != HeadLines.NO_LENGTH) {
                throw new BadResponseException("the response has both a Transfer-Encoding and a Content-Length");
            }
            if (!lines.transferEncoding().equalsIgnoreCase("chunked")) {
                throw new BadResponseException("the Transfer-Encoding is not chunked");
            }
            return new ResponseHead(status, Body.CHUNKED, 0, lasting);
        }
        long length = lines.contentLength();
        if (length == HeadLines.NO_LENGTH) {
            return new ResponseHead(status, Body.UNTIL_CLOSE, 0, false);
        }
        return new ResponseHead(status, length == 0 ? Body.NONE : Body.FIXED, length, lasting);
    }

    /** Refuses bytes that cannot be the beginning of a valid head. */
    static void requireStart(byte[] in, int from, int to) throws BadResponseException {
        for (int i = 0; i < VERSION.length && from + i < to; i++) {
            if (in[from + i] != VERSION[i]) {
                throw new BadResponseException("it does not start with HTTP/1.1 or HTTP/1.0");
            }
        }
    }

    private static int status(byte[] in, int from, int to) throws BadResponseException {
        requireStart(in, from, to);
        int version = from + VERSION.length;
        if (to - from < SHORTEST_STATUS_LINE || (in[version] != '1' && in[version] != '0')
                || in[version + 1] != ' ') {
            throw new BadResponseException("the status line is malformed");
        }
        int status = 0;
        for (int i = version + 2; i < version + 5; i++) {
            int digit = in[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new BadResponseException("the status is not a number of three digits");
            }
            status = status * 10 + digit;
        }
        if (status < LOWEST_STATUS || status > HIGHEST_STATUS) {
            throw new BadResponseException("the status is not between 100 and 599");
        }
        if (version + 5 < to && in[version + 5] != ' ') {
            throw new BadResponseException("the status line is malformed");
        }
        HeadLines.requireText(in, version + 5, to);
        return status;
    }
}
