package dev.postern.call;

import io.netty.handler.ssl.NotSslRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Recognizes failed TLS handshakes and describes their cause. */
public final class TlsFailures {
    private static final int DEEPEST = 10;

    private TlsFailures() {}

    /** Whether TLS failed, however deeply the exception is nested. */
    public static boolean is(Throwable failure) {
        return find(failure, 0) != null;
    }

    /** Describes the failure in one line, which is about certificates and protocols only and never quotes a request. */
    public static String describe(Throwable failure) {
        Throwable cause = Objects.requireNonNullElse(find(failure, 0), failure);
        if (cause instanceof NotSslRecordException) {
            return "the backend does not speak TLS";
        }
        // The innermost cause is the most specific.
        for (int depth = 0; cause.getCause() != null && depth < DEEPEST; depth++) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private static @Nullable Throwable find(Throwable failure, int depth) {
        if (failure instanceof SSLException || depth > DEEPEST) {
            return depth > DEEPEST ? null : failure;
        }
        // Netty adds the failed handshake as a suppressed exception to the one for the closed connection.
        List<Throwable> within = new ArrayList<>(List.of(failure.getSuppressed()));
        if (failure.getCause() != null) {
            within.add(failure.getCause());
        }
        return within.stream().map(inner -> find(inner, depth + 1)).filter(Objects::nonNull).findFirst().orElse(null);
    }
}
