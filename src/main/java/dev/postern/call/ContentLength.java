package dev.postern.call;

import java.util.List;
import org.springframework.http.HttpHeaders;

/**
 * Normalizes the {@code Content-Length} of a request for the backend. The gate's HTTP server reads {@code 0200} as two
 * hundred bytes and leaves the text as it is; a backend that parses it as an octal number would treat the rest of the
 * body as another request.
 */
public final class ContentLength {
    /** More digits do not fit into a long. */
    private static final int MAX_DIGITS = 18;

    private ContentLength() {}

    /**
     * Writes the length as a plain decimal number. If it is not certain, removes it: the body is then sent in chunks.
     */
    public static void normalize(HttpHeaders headers) {
        List<String> values = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (values == null) {
            return;
        }
        long length = -1;
        for (String value : String.join(",", values).split(",", -1)) {
            long next = parse(value.strip());
            if (next < 0 || (length >= 0 && next != length)) {
                headers.remove(HttpHeaders.CONTENT_LENGTH);
                headers.set(HttpHeaders.TRANSFER_ENCODING, "chunked");
                return;
            }
            length = next;
        }
        headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    }

    private static long parse(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        String plain = digits.replaceFirst("^0+(?=.)", "");
        return plain.length() > MAX_DIGITS ? -1 : Long.parseLong(plain);
    }
}
