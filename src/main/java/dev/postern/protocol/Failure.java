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

/** The reasons why a well-formed call failed, as far as dialects distinguish them. */
public enum Failure {
    /** The client closed the connection, so there is nobody to answer. */
    CLIENT_GONE,
    /** The body did not arrive in time. */
    BODY_LATE,
    BODY_TOO_LARGE,
    STORE_UNAVAILABLE,
    RECORD_UNREADABLE,
    /** An internal error of the gate. */
    INTERNAL;

    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(Failure.class));

    /**
     * Classifies a failure. Logs those that the operator must look into.
     *
     * @param call the call's name, without anything that the client sent
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
                // Log neither the message nor the assembly trace that Reactor attaches: they might contain the target,
                // and with it a key.
                StackTraceElement[] stack = failure.getStackTrace();
                LOG.error("a call to {} failed: {} at {}", call, failure, stack.length == 0 ? "" : stack[0]);
                yield INTERNAL;
            }
        };
    }

    /**
     * Handles a client that is gone. If only its body was incomplete, the gate answers in the same way for all
     * dialects.
     */
    public static Mono<Void> unanswered(AbortedException gone) {
        return BrokenBodyException.causes(gone) ? Mono.error(gone) : Mono.empty();
    }
}
