package dev.postern.proxy;

import dev.postern.backend.BackendBusyException;
import dev.postern.wire.ResponseGuard;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import reactor.netty.channel.AbortedException;

/** One attempt to send a call to a backend: what is known of its connection decides whether there may be another one. */
final class Attempt {
    private final HttpMethod method;
    private final boolean secure;
    private @Nullable ResponseGuard guard;
    private int requestsBefore;
    private boolean bodyRequested;

    /** @param secure whether the backend is reached by TLS */
    Attempt(HttpMethod method, boolean secure) {
        this.method = method;
        this.secure = secure;
    }

    /** It got this connection. */
    void on(Channel connection) {
        guard = ResponseGuard.of(connection);
        requestsBefore = guard == null ? 0 : guard.requests();
    }

    void bodyRequested() {
        bodyRequested = true;
    }

    /**
     * Whether the failure is that of a connection which the backend had closed after an earlier call, so that the call may be
     * sent again: one that changes nothing as long as nothing has come in answer to it, any other as long as nothing of it was sent.
     */
    boolean mayBeRepeated(Throwable failure) {
        ResponseGuard connection = guard;
        if (connection == null) {
            return isClosedInPool(failure);
        }
        if (requestsBefore == 0 || connection.failure() != null
                || !(failure instanceof IOException || failure instanceof AbortedException)) {
            return false;
        }
        boolean unsent = connection.requests() == requestsBefore && !bodyRequested;
        boolean safe = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        return unsent || (safe && (connection.requests() == requestsBefore || !connection.hasResponse()));
    }

    /** What the guard of the connection has found says more than what the client library makes of it. */
    Throwable cause(Throwable failure) {
        if (guard == null) {
            return secure && isBrokenOff(failure) && !isClosedInPool(failure)
                    ? new SSLException("the connection broke off during the handshake", failure)
                    : failure;
        }
        Throwable found = guard.failure();
        return found == null ? failure : found;
    }

    /** Reactor Netty took two pooled connections, and both were closed at that moment. It has no type of its own for this. */
    private static boolean isClosedInPool(Throwable failure) {
        return failure instanceof IOException && failure.getMessage() != null
                && failure.getMessage().startsWith("Error while acquiring from ");
    }

    /** A connection that was made, and lost before it could be used. */
    private static boolean isBrokenOff(Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof ConnectException || failure instanceof NoRouteToHostException
                        || failure instanceof UnknownHostException || failure instanceof BackendBusyException
                        || TlsFailures.is(failure));
    }
}
