package dev.postern.inbound;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The framing of a body is broken: the body is incomplete, and its end cannot be found. */
public final class BrokenBodyException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_DEPTH = 8;

    public BrokenBodyException() {
        super("the framing of the body is broken");
    }

    /** Whether this exception is the root cause of a failure. */
    public static boolean causes(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause instanceof BrokenBodyException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
