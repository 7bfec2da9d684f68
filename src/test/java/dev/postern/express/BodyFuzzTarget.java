package dev.postern.express;

import java.util.Arrays;
import java.util.Random;

/** Jazzer calls this with the bytes of a chunked body. Fails if the lane and the codec read them differently. */
public final class BodyFuzzTarget {
    private BodyFuzzTarget() {}

    /** Jazzer finds this method by its name. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        BodyComparison.compareChunked(bytes, new Random(Arrays.hashCode(bytes)), PlainFormTest.text(bytes));
    }
}
