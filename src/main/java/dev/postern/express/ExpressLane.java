package dev.postern.express;

import dev.postern.call.Call;
import dev.postern.call.Lane;
import dev.postern.call.LoggedFailure;
import dev.postern.catalog.Reading;
import dev.postern.inbound.OpenCalls;
import dev.postern.telemetry.LimitedLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The express lane on one connection of a client, in front of the HTTP codec. Reads one request at a time. A request
 * with a plain head becomes an {@link ExpressCall}, or goes to the codec unchanged if {@link ExpressRoutes} declines
 * it. The next one waits until this one is answered, so the lanes never interleave, and responses keep the order of
 * requests. After a head that is not plain, the codec gets the rest: the lane no longer knows where requests begin.
 */
final class ExpressLane {
    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(ExpressLane.class));

    private final ChannelHandlerContext context;
    private final Services services;
    private final OpenCalls calls;
    private final String scheme;
    private final PlainHead head = new PlainHead();
    private final RequestBody body = new RequestBody();
    private LaneState state = LaneState.HEAD;
    private final WaitingBytes waiting = new WaitingBytes();
    private @Nullable ExpressCall call;
    private final Handover handover;
    private final Steps steps = new Steps();
    private final LastCall last;
    private boolean readingAhead;

    ExpressLane(ChannelHandlerContext context, Services services, OpenCalls calls, String scheme) {
        this.context = context;
        this.services = services;
        this.calls = calls;
        this.scheme = scheme;
        this.last = new LastCall(calls, waiting);
        this.handover = new Handover(calls, head, body, waiting);
    }

    /** Takes ownership of bytes that the client has sent. */
    void arrived(ByteBuf bytes) {
        handover.readBegins();
        switch (state) {
            case LEFT -> context.fireChannelRead(bytes);
            case CLOSED -> bytes.release();
            case HEAD, CALL, PASSING -> {
                waiting.add(bytes, context.alloc());
                resume();
            }
        }
    }

    /** Uses as many of the waiting bytes as it can. Called when bytes arrive, and when a call can take more of them. */
    void resume() {
        try {
            if (steps.run(this::step)) {
                waiting.regulate(context);
            }
        } catch (RuntimeException defect) {
            LOG.error("The express lane failed: {}", LoggedFailure.line(defect));
            ExpressCall present = call;
            if (present != null) {
                present.fail(defect);
            }
            abort();
        }
    }

    /** @return whether there may be more to do */
    private boolean step() {
        return switch (state) {
            case HEAD -> readHead();
            case CALL -> readBody();
            case PASSING -> passBody();
            case LEFT, CLOSED -> false;
        };
    }

    private boolean readHead() {
        if (!context.channel().isWritable()) {
            // The client does not read its responses. More calls would only fill the memory with responses.
            return false;
        }
        ByteBuf in = waiting.peek();
        if (in == null) {
            context.read();
            return false;
        }
        int before = head.size;
        return switch (PlainForm.look(head, in)) {
            case INCOMPLETE -> {
                waiting.release();
                if (calls.isEnding()) {
                    abort();
                } else {
                    context.read();
                }
                yield false;
            }
            case ODD -> {
                state = LaneState.LEFT;
                handover.leave(context, before);
                yield false;
            }
            case PLAIN -> {
                in.skipBytes(head.end - before);
                waiting.releaseIfRead();
                begin();
                yield true;
            }
        };
    }

    private boolean passBody() {
        if (!handover.passBody(context) && state == LaneState.PASSING) {
            state = LaneState.LEFT;
            handover.leave(context, 0);
        }
        return false;
    }

    private void passedIsAnswered() {
        if (state != LaneState.PASSING) {
            return;
        }
        if (calls.isEnding() || !context.channel().isActive()) {
            // That was the last call, and the chain closes the connection after it.
            state = LaneState.CLOSED;
            waiting.release();
        } else {
            state = LaneState.HEAD;
        }
        resume();
    }

    private void begin() {
        head.recognized((InetSocketAddress) context.channel().remoteAddress());
        body.begin(head);
        Call arrived = services.frontDoor().read(head);
        Lane.Declined why = services.routes().decline(arrived, head);
        if (why != null) {
            state = LaneState.PASSING;
            handover.pass(context, why, () -> passedIsAnswered());
            return;
        }
        // The cast is safe: every other kind of reading was declined above.
        Reading.Read read = (Reading.Read) arrived.reading();
        calls.opened();
        if (head.close) {
            last.letItBeThis();
        }
        state = LaneState.CALL;
        readingAhead = false;
        services.meters().count(read.request().api(), Lane.EXPRESS.word(), "none");
        call = new ExpressCall(this, context, services, arrived, read, head, scheme);
        call.begin();
    }

    private boolean readBody() {
        ExpressCall present = call;
        if (present == null) {
            return false;
        }
        if (!body.hasEnded()) {
            return body.feed(present, waiting, context);
        }
        if (waiting.isEmpty() && !readingAhead) {
            // Reads ahead: stopping and restarting reads would cost two system calls.
            readingAhead = true;
            context.read();
        }
        return false;
    }

    /** Whether the request has no body, or all of it was read. */
    boolean hasWholeBody() {
        return body.hasEnded();
    }

    /** Which call is the last one on the connection. */
    LastCall last() {
        return last;
    }

    /** The response is written. Unless it is the last, all of the request was read. */
    void finished() {
        if (state != LaneState.CALL) {
            return;
        }
        boolean close = last.wasThis();
        call = null;
        calls.answered();
        head.clear();
        if (close) {
            state = LaneState.CLOSED;
            waiting.release();
            last.closeBehindIt(context);
            return;
        }
        state = LaneState.HEAD;
        resume();
    }

    /** Closes the client's connection without another answer. */
    void abort() {
        call = null;
        state = LaneState.CLOSED;
        waiting.release();
        head.clear();
        var _ = context.close();
    }

    /** Whether the connection may be read when the codec asks for more bytes. */
    boolean mayRead() {
        return waiting.mayRead();
    }

    /** One read of the client's connection is complete. */
    void readIsComplete() {
        handover.readIsComplete(context, state == LaneState.PASSING || state == LaneState.LEFT);
    }

    void clientIsWritable(boolean isWritable) {
        ExpressCall present = call;
        if (present != null) {
            present.clientIsWritable(isWritable);
        }
        if (isWritable) {
            resume();
        }
    }

    void clientIsGone() {
        ExpressCall present = call;
        call = null;
        state = LaneState.CLOSED;
        if (present != null) {
            present.clientIsGone();
        }
        waiting.release();
        head.clear();
    }
}
