package dev.postern.call;

import dev.postern.backend.BackendBusyException;
import dev.postern.wire.ConnectionGuard;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to send a call to a backend. Records the state of its connection, which decides whether the call may be
 * sent again.
 */
public final class Attempt {
    private final boolean safe;
    private final boolean secure;
    private @Nullable ConnectionGuard guard;
    private int requestsBefore;
    private boolean bodyRequested;

    /**
     * @param safe   whether the method has no effect, so that it does not matter how often the backend receives it
     * @param secure whether the connection to the backend uses TLS
     */
    public Attempt(boolean safe, boolean secure) {
        this.safe = safe;
        this.secure = secure;
    }

    /** Records the connection that this attempt uses; null while it opens one. */
    public void usedConnection(@Nullable ConnectionGuard connection) {
        guard = connection;
        requestsBefore = connection == null ? 0 : connection.requests();
    }

    /** The client's body is being read: it cannot be sent again. */
    public void bodyRequested() {
        bodyRequested = true;
    }

    /**
     * Whether to retry. Only failures on a reused connection that the backend had closed qualify: GET and HEAD if no
     * response byte arrived, other methods if no request byte was sent.
     */
    public boolean mayBeRepeated(Throwable failure) {
        ConnectionGuard connection = guard;
        if (connection == null || requestsBefore == 0 || connection.failure() != null
                || !(failure instanceof IOException)) {
            return false;
        }
        boolean unsent = connection.requests() == requestsBefore && !bodyRequested;
        return unsent || (safe && (connection.requests() == requestsBefore || !connection.hasResponse()));
    }

    /**
     * The cause of a failure. The error that the connection's guard has recorded is more precise than the one that was
     * noticed.
     */
    public Throwable cause(Throwable failure) {
        if (guard == null) {
            return secure && isBrokenOff(failure)
                    ? new SSLException("the connection was closed during the handshake", failure)
                    : failure;
        }
        Throwable found = guard.failure();
        return found == null ? failure : found;
    }

    /** Whether the connection was established but lost before it could be used. */
    private static boolean isBrokenOff(Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof ConnectException || failure instanceof NoRouteToHostException
                        || failure instanceof UnknownHostException || failure instanceof BackendBusyException
                        || TlsFailures.is(failure));
    }
}
