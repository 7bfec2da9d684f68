package dev.postern.call;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a call belongs to, as the client says in {@code traceparent} (W3C Trace Context).
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId  of the client's span, 16 hexadecimal digits
 * @param sampled whether the client records the trace
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
    public static final String HEADER = "traceparent";
    /** What the systems of the trace say about it. */
    static final String STATE = "tracestate";
    /** Later versions may add fields. Zeros and the version ff are not valid. */
    private static final Pattern FORM = Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})"
            + "([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]*)?");
    private static final int LONGEST = 512;
    private static final int HEX = 16;

    /** What the client says; null if it says nothing, or something malformed. */
    public static @Nullable TraceParent of(Head head) {
        List<String> values = head.header(HEADER);
        return values == null || values.size() != 1 ? null : parse(values.getFirst());
    }

    static @Nullable TraceParent parse(String value) {
        if (value.length() > LONGEST) {
            return null;
        }
        Matcher form = FORM.matcher(value.strip());
        if (!form.matches() || (form.group(1).equals("00") && form.group(5) != null)) {
            return null;
        }
        return new TraceParent(form.group(2), form.group(3), (Integer.parseInt(form.group(4), HEX) & 1) == 1);
    }
}
