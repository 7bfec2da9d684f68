package dev.postern.protocol;

import dev.postern.inbound.BrokenBodyException;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import dev.postern.store.UnreadableRecords;
import dev.postern.telemetry.LimitedLog;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Why a call that was in order came to nothing, as far as dialects tell it apart. */
public enum Failure {
    /** The client hung up, and nobody is there to be answered. */
    CLIENT_GONE,
    /** The body did not arrive in time. */
    BODY_LATE,
    BODY_TOO_LARGE,
    STORE_UNAVAILABLE,
    RECORD_UNREADABLE,
    /** A fault of the gate. */
    INTERNAL;

    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(Failure.class));

    /**
     * What a failure comes to; logs those that the operator has to look into.
     *
     * @param call what was called, without anything that the client sent
     */
    public static Failure of(Throwable failure, String call, UnreadableRecords unreadable) {
        return switch (failure) {
            case AbortedException _ -> CLIENT_GONE;
            case IOException _ -> CLIENT_GONE;
            case TimeoutException _ -> BODY_LATE;
            case DataBufferLimitException _ -> BODY_TOO_LARGE;
            case StoreUnavailableException _ -> STORE_UNAVAILABLE;
            case UnreadableRecordException corrupt -> {
                unreadable.report(corrupt);
                yield RECORD_UNREADABLE;
            }
            default -> {
                // Not its message, nor what Reactor hangs on to it: they might quote the target, and with it a key.
                StackTraceElement[] stack = failure.getStackTrace();
                LOG.error("a call to {} failed: {} at {}", call, failure, stack.length == 0 ? "" : stack[0]);
                yield INTERNAL;
            }
        };
    }

    /** Nobody is there to be answered, but for a client whose body broke off: the gate answers that for all dialects. */
    public static Mono<Void> unanswered(AbortedException gone) {
        return BrokenBodyException.causes(gone) ? Mono.error(gone) : Mono.empty();
    }
}
