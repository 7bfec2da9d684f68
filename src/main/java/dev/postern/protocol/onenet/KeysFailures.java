package dev.postern.protocol.onenet;

import dev.postern.access.DenyReason;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.protocol.Failure;
import dev.postern.store.BulkheadFullException;
import dev.postern.store.UnreadableRecords;
import reactor.netty.channel.AbortedException;

/** Turns failures of calls to {@code /keys} into the errors of its replies. */
final class KeysFailures {
    private static final int SERVER_ERROR = 500;
    /** An errno begins with the HTTP status that it corresponds to. */
    private static final int ERRNOS_PER_STATUS = 100;

    private final UnreadableRecords unreadable;
    private final int maxBody;

    KeysFailures(UnreadableRecords unreadable, int maxBody) {
        this.unreadable = unreadable;
        this.maxBody = maxBody;
    }

    /** The error to reply, or an {@link AbortedException} if nobody waits for the reply. */
    RuntimeException of(Throwable failure) {
        return switch (failure) {
            case KeysException known -> known;
            case BulkheadFullException _ -> new KeysException(KeysError.BUSY);
            case ChangeRefusedException refused when refused.why() == ChangeRefusedException.Why.NO_ROOM ->
                new KeysException(KeysError.ACCOUNT_FULL, String.valueOf(refused.getMessage()));
            case ConcurrentChangeException _ -> new KeysException(KeysError.CONCURRENT_CHANGE);
            default -> switch (Failure.of(failure, "/keys", unreadable)) {
                case CLIENT_GONE -> new AbortedException(failure);
                case BODY_LATE -> of(DenyReason.BODY_TIMEOUT);
                case BODY_TOO_LARGE -> new KeysException(KeysError.BODY_TOO_LARGE,
                        "more than " + maxBody + " bytes");
                case STORE_UNAVAILABLE -> of(DenyReason.STORE_UNAVAILABLE);
                case RECORD_UNREADABLE -> of(DenyReason.RECORD_UNREADABLE);
                case INTERNAL -> of(DenyReason.INTERNAL_ERROR);
            };
        };
    }

    /** The HTTP status that corresponds to a failure. */
    static int status(Throwable failure) {
        return failure instanceof KeysException known ? known.errno() / ERRNOS_PER_STATUS : SERVER_ERROR;
    }

    private static KeysException of(DenyReason reason) {
        return new KeysException(reason.errno(), reason.text());
    }
}
