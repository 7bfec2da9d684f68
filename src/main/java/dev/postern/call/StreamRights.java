package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.telemetry.GateMeters;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/**
 * Decides the calls of open WebSockets and event streams again, once a second: a stream may last for days, and must not
 * outlive its credential, its permission or its seat. If Redis is away, a stream may stay open for as long as a call
 * would be allowed from memory.
 *
 * <p>A response without a length may be a stream, too, whatever its type says. It is treated as one when it has lasted
 * for a minute.
 */
public final class StreamRights {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRights.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);
    /** What may pass: a stream that is closed is lost, where a call would just be repeated. */
    private static final Set<DenyReason> TEMPORARY = Set.of(DenyReason.VERIFICATION_BUSY,
            DenyReason.STORE_UNAVAILABLE, DenyReason.ISSUER_UNAVAILABLE);
    /** After so many looks in a row with a temporary reason, the stream is closed. */
    private static final int PATIENCE = 3;

    private final FrontDoor frontDoor;
    private final GateMeters meters;
    private final Duration longResponse;

    /** @param longResponse how long a response without a length may last before it is treated as a stream */
    StreamRights(FrontDoor frontDoor, GateMeters meters, Duration longResponse) {
        this.frontDoor = frontDoor;
        this.meters = meters;
        this.longResponse = longResponse;
    }

    /**
     * Watches a WebSocket until its connection is closed.
     *
     * @param connection of the stream, on whose event loop its call is decided
     * @param end        closes the stream; called at most once, on the event loop, with the reason for the client
     */
    public void watch(Call call, Channel connection, Consumer<DenyReason> end) {
        Disposable watch = begin(call, connection.eventLoop(), INTERVAL, end);
        connection.closeFuture().addListener(_ -> watch.dispose());
    }

    /**
     * Watches a response until the returned object is disposed of. To be called on the event loop, which also disposes
     * of it.
     *
     * @param isEventStream false for another response without a length
     * @param end           ends the response; called at most once, on the event loop
     */
    public Disposable watchResponse(Call call, EventExecutor loop, boolean isEventStream,
            Consumer<StreamRevokedException> end) {
        return begin(call, loop, isEventStream ? INTERVAL : longResponse,
                reason -> end.accept(new StreamRevokedException(reason)));
    }

    private Disposable begin(Call call, EventExecutor loop, Duration delay, Consumer<DenyReason> end) {
        Watch watch = new Watch(call, loop, end);
        watch.timer = loop.scheduleWithFixedDelay(watch::look, delay.toMillis(), INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
        return watch::stop;
    }

    /** One stream. */
    private final class Watch {
        private final Call call;
        private final EventExecutor loop;
        private final Consumer<DenyReason> end;
        private @Nullable Future<?> timer;
        private @Nullable Disposable looking;
        private int unsure;

        Watch(Call call, EventExecutor loop, Consumer<DenyReason> end) {
            this.call = call;
            this.loop = loop;
            this.end = end;
        }

        void look() {
            Disposable before = looking;
            if (before == null || before.isDisposed()) {
                looking = frontDoor.decideAgain(call).timeout(LONGEST_LOOK).subscribe(
                        decision -> onLoop(() -> decided(decision)), failure -> onLoop(() -> failed(failure)));
            }
        }

        private void decided(AccessDecision decision) {
            if (!(decision instanceof AccessDecision.Denied denied)) {
                unsure = 0;
            } else if (!TEMPORARY.contains(denied.reason()) || ++unsure >= PATIENCE) {
                revoke(denied.reason());
            }
        }

        private void failed(Throwable failure) {
            // Only the class: the message may quote the request.
            LOG.error("The call of a stream could not be decided again: {}", failure.getClass().getName());
            revoke(DenyReason.INTERNAL_ERROR);
        }

        private void onLoop(Runnable task) {
            loop.execute(() -> {
                if (timer != null) {
                    task.run();
                }
            });
        }

        private void revoke(DenyReason reason) {
            stop();
            meters.streamRevoked(reason);
            CallReport report = call.report();
            if (report != null) {
                report.revoked(reason);
            }
            end.accept(reason.forClient());
        }

        void stop() {
            Future<?> running = timer;
            timer = null;
            if (running != null) {
                running.cancel(false);
            }
            if (looking != null) {
                looking.dispose();
            }
        }
    }
}
