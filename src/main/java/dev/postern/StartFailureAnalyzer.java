package dev.postern;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Shows what is wrong with the setup as one sentence, where the gate itself found it, in place of a stack. */
final class StartFailureAnalyzer implements FailureAnalyzer {
    private static final int DEEPEST = 50;

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (isOurs(cause)) {
                return new FailureAnalysis(String.valueOf(cause.getMessage()),
                        "README.md, Configuration, has all settings.", failure);
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static boolean isOurs(Throwable cause) {
        StackTraceElement[] stack = cause.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith("dev.postern.") && cause.getMessage() != null;
    }
}
