package dev.postern.express;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.call.Call;
import dev.postern.call.ClientGoneException;
import dev.postern.call.Denial;
import dev.postern.call.SlowUploadException;
import dev.postern.call.Verdict;
import dev.postern.catalog.Reading;
import dev.postern.decision.ReadableBodies;
import dev.postern.inbound.BrokenBodyException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * One call on the express lane: carries out the verdict of the front door, and answers the call. Everything happens on
 * the event loop of the client's connection.
 */
final class ExpressCall {
    private final ExpressLane lane;
    private final ChannelHandlerContext client;
    private final Services services;
    private final Call call;
    private final Reading.Read read;
    private final PlainHead head;
    private final ExpressRequest request;
    private final ExpressReply reply;
    private final Forwarding forwarding;
    private boolean over;
    private Verdict.@Nullable ReadBody awaited;
    private Disposable.@Nullable Composite waits;

    ExpressCall(ExpressLane lane, ChannelHandlerContext client, Services services, Call call, Reading.Read read,
            PlainHead head, String scheme) {
        this.lane = lane;
        this.client = client;
        this.services = services;
        this.call = call;
        this.read = read;
        this.head = head;
        this.request = new ExpressRequest(client, services, head, this::bodyIsLate);
        this.reply = new ExpressReply(client, services, call);
        this.forwarding = new Forwarding(this, client, services, call, read, request, reply,
                new BackendHead(head, call, read, scheme, services.treatments().get(), services.gateHeaders()));
    }

    void begin() {
        carryOut(services.frontDoor().decide(call, read));
    }

    private void carryOut(Verdict verdict) {
        switch (verdict) {
            case Verdict.Forward() -> forwarding.begin();
            case Verdict.Refuse(var denied, var methods) -> refuse(denied, methods);
            case Verdict.Wait(var next) -> await(next, this::carryOut);
            case Verdict.ReadBody needed -> readBody(needed);
        }
    }

    /** Waits for a value, and goes on with it on the event loop of the client. */
    <T> void await(Mono<T> next, Consumer<T> then) {
        // Set before subscribing: a value that is there already calls {@code then} at once, which may wait again.
        Disposable.Composite all = waits == null ? Disposables.composite() : waits;
        waits = all;
        all.add(next.subscribe(value -> onLoop(() -> then.accept(value)), failure -> onLoop(() -> fail(failure))));
    }

    private void onLoop(Runnable task) {
        if (client.executor().inEventLoop()) {
            unlessOver(task);
        } else {
            client.executor().execute(() -> unlessOver(task));
        }
    }

    private void unlessOver(Runnable task) {
        if (over) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException defect) {
            fail(defect);
        }
    }

    private void readBody(Verdict.ReadBody needed) {
        Optional<AccessDecision.Denied> refused = services.readableBodies().refuse(head::header, head.contentLength);
        if (refused.isPresent()) {
            refuseBody(refused.get());
            return;
        }
        awaited = needed;
        request.collect(() -> refuseBody(ReadableBodies.tooLate(services.bodyReadTimeout())));
        if (lane.hasWholeBody()) {
            bodyHasEnded();
        } else {
            lane.resume();
        }
    }

    private void refuseBody(AccessDecision.Denied denied) {
        unlessOver(() -> carryOut(services.frontDoor().refuseBody(call, read, denied)));
    }

    boolean isOver() {
        return over;
    }

    /** Whether all of the request's body was read. */
    boolean hasWholeBody() {
        return lane.hasWholeBody();
    }

    /** To be called when the call can take more of the request's body. */
    void resume() {
        lane.resume();
    }

    /** Whether the response that is being written is the last one on the connection. */
    boolean isLast() {
        return lane.last().isThis();
    }

    /** Whether the call can take more of the request's body. */
    boolean wantsBody() {
        return request.wantsBody();
    }

    void flushBody() {
        request.flush();
    }

    void awaitsBody() {
        request.awaits();
    }

    void body(ByteBuf data) {
        if (!request.take(data)) {
            refuseBody(services.readableBodies().tooLarge());
        }
    }

    void bodyHasEnded() {
        Verdict.ReadBody needed = awaited;
        request.ended();
        if (over) {
            lane.finished();
        } else if (needed != null && request.hasCollected()) {
            awaited = null;
            carryOut(services.frontDoor().withBody(call, read, needed, request.collected()));
        }
    }

    void bodyIsBroken() {
        lane.last().letItBeThis();
        if (over) {
            lane.abort();
        } else if (awaited != null) {
            // Refused like a request that cannot be read, which is not counted for any API.
            Verdict.Refuse refused = services.frontDoor().refuse(call, new Reading.Refused(new AccessDecision.Denied(
                    DenyReason.REQUEST_MALFORMED, "The framing of the body is broken."), Set.of()));
            refuse(refused.denied(), refused.allowedMethods());
        } else {
            fail(new BrokenBodyException());
        }
    }

    private void bodyIsLate() {
        if (over) {
            lane.abort();
        } else {
            fail(new SlowUploadException());
        }
    }

    void clientIsWritable(boolean isWritable) {
        forwarding.clientIsWritable(isWritable);
    }

    /**
     * Ends a failed call with an error; closes the connection if the client is gone or a part of the response is sent.
     */
    void fail(Throwable cause) {
        if (over) {
            return;
        }
        AccessDecision.Denied denied = services.failed().note(call, read.request().api(), cause);
        if (denied == null || reply.isSent()) {
            // A partly sent response cannot be replaced. Closing the connection tells the client that it is incomplete.
            if (reply.isSent()) {
                reply.flush();
            }
            stop();
            lane.abort();
        } else {
            refuse(denied, Set.of());
        }
    }

    private void refuse(AccessDecision.Denied denied, Set<String> methods) {
        Denial denial = Denial.of(denied, methods, call.requestId());
        if (denial.headers().containsKey("Connection")) {
            lane.last().letItBeThis();
        }
        reply.denial(denial, !head.method().equals("HEAD"), lane.last().isThis());
        finish();
    }

    /** Ends the call after its response. Unless it is the connection's last call, the rest of its request is read: the
     * next request begins after it. */
    void finish() {
        stop();
        if (lane.hasWholeBody() || lane.last().wasThis()) {
            lane.finished();
        } else {
            lane.resume();
        }
    }

    void clientIsGone() {
        if (!over) {
            var _ = services.failed().note(call, read.request().api(),
                    new ClientGoneException("the client closed the connection"));
        }
        stop();
    }

    /** Gives back everything that the call holds. Parts of the request's body that arrive later are dropped. */
    private void stop() {
        over = true;
        Disposable subscriptions = waits;
        if (subscriptions != null) {
            subscriptions.dispose();
        }
        forwarding.stop();
        request.release();
        reply.release();
    }
}
