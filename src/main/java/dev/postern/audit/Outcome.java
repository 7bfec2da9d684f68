package dev.postern.audit;

import java.util.Arrays;
import java.util.Locale;

/** How a change ended. */
public enum Outcome {
    DONE,
    /** It was not permitted or not possible, and nothing was changed. */
    REFUSED,
    /** It failed, and may have been made in part. */
    FAILED,
    /** The log has no entry for the end of the change: for example, the gate stopped before it wrote one. */
    UNKNOWN;

    /** The outcome in records and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Outcome of(String word) {
        return Arrays.stream(values()).filter(outcome -> outcome.word().equals(word)).findFirst().orElseThrow();
    }
}
