package dev.postern.proxy;

import io.netty.handler.ssl.NotSslRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells TLS handshakes that failed from other failures, and why they failed. */
final class TlsFailures {
    private static final int DEEPEST = 10;

    private TlsFailures() {}

    /** Whether TLS failed, however deep that is wrapped. */
    static boolean is(Throwable failure) {
        return find(failure, 0) != null;
    }

    /** One line. It speaks of certificates and protocols only, never of a request. */
    static String describe(Throwable failure) {
        Throwable cause = Objects.requireNonNullElse(find(failure, 0), failure);
        if (cause instanceof NotSslRecordException) {
            return "the backend does not speak TLS";
        }
        // The innermost cause says most.
        for (int depth = 0; cause.getCause() != null && depth < DEEPEST; depth++) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private static @Nullable Throwable find(Throwable failure, int depth) {
        if (failure instanceof SSLException || depth > DEEPEST) {
            return depth > DEEPEST ? null : failure;
        }
        // Netty hangs a handshake that broke off on to the closing of its connection.
        List<Throwable> within = new ArrayList<>(List.of(failure.getSuppressed()));
        if (failure.getCause() != null) {
            within.add(failure.getCause());
        }
        return within.stream().map(inner -> find(inner, depth + 1)).filter(Objects::nonNull).findFirst().orElse(null);
    }
}
