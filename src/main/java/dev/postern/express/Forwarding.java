package dev.postern.express;

import dev.postern.access.ApiId;
import dev.postern.access.Principal;
import dev.postern.backend.Backend;
import dev.postern.backend.BackendBusyException;
import dev.postern.backend.RawConnection;
import dev.postern.backend.Slot;
import dev.postern.call.Attempt;
import dev.postern.call.Call;
import dev.postern.call.RoutingTable;
import dev.postern.catalog.Reading;
import dev.postern.wire.ResponseHead;
import dev.postern.wire.ResponseListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * Forwards an allowed call: reserves a backend slot, takes a connection, sends the request, and passes the response on
 * to the client. Retries once at most, and only if {@link Attempt} permits it.
 */
final class Forwarding implements ResponseListener {
    private final ExpressCall owner;
    private final ChannelHandlerContext client;
    private final Services services;
    private final Call call;
    private final ApiId api;
    private final ExpressRequest request;
    private final ExpressReply reply;
    private final BackendHead head;
    private final RoutingTable.Destination destination;
    private final Backend backend;
    private Attempt attempt;
    private boolean repeated;
    private boolean untilClose;
    private boolean endless;
    private boolean eventStream;
    private boolean ended;
    private long forwarded;
    private @Nullable Slot slot;
    private @Nullable RawConnection connection;
    private @Nullable Disposable watch;

    Forwarding(ExpressCall owner, ChannelHandlerContext client, Services services, Call call, Reading.Read read,
            ExpressRequest request, ExpressReply reply, BackendHead head) {
        this.owner = owner;
        this.client = client;
        this.services = services;
        this.call = call;
        this.api = read.request().api();
        this.request = request;
        this.reply = reply;
        this.head = head;
        this.destination = ExpressRoutes.of(call, read);
        this.backend = destination.backend();
        this.attempt = newAttempt();
    }

    private Attempt newAttempt() {
        return new Attempt(request.isSafe(), backend.raw().isSecure());
    }

    void begin() {
        Principal caller = call.requirePrincipal();
        forwarded = System.nanoTime();
        Slot free = backend.calls().takeNow(caller.account(), caller.credential());
        if (free != null) {
            forward(free);
        } else {
            owner.await(backend.calls().take(caller.account(), caller.credential()), this::forward);
        }
    }

    private void forward(Slot taken) {
        slot = taken;
        call.holds(taken);
        RawConnection idle;
        while ((idle = backend.raw().takeIdle()) != null) {
            if (send(idle)) {
                return;
            }
            idle.close();
        }
        connect();
    }

    private void connect() {
        attempt.usedConnection(null);
        backend.raw().connect(client.channel().eventLoop()).addListener((Future<RawConnection> opened) -> {
            if (!opened.isSuccess()) {
                owner.fail(attempt.cause(opened.cause()));
            } else if (owner.isOver()) {
                opened.getNow().close();
            } else if (!send(opened.getNow())) {
                opened.getNow().close();
                owner.fail(attempt.cause(new IOException("the connection was closed before the request was sent")));
            }
        });
    }

    /** @return false if the connection cannot carry the request; then nothing was sent */
    private boolean send(RawConnection on) {
        attempt.usedConnection(on.guard());
        if (!on.begin(request.method(), this)) {
            return false;
        }
        connection = on;
        ByteBuf bytes = head.write(client.alloc(), destination.host(), request.sizeBehindHead());
        if (request.send(on, bytes, attempt, owner.hasWholeBody())) {
            owner.resume();
            request.flush();
        }
        return true;
    }

    @Override
    public void head(byte[] bytes, int size, ResponseHead parsed) {
        if (owner.isOver()) {
            return;
        }
        services.log().answered(call, api, parsed.status(), System.nanoTime() - forwarded);
        Slot held = slot;
        eventStream = ClientHead.isEventStream(bytes, size);
        if (held != null && eventStream && !held.moveTo(backend.streams())) {
            owner.fail(new BackendBusyException("too many event streams are open"));
            return;
        }
        untilClose = parsed.body() == ResponseHead.Body.UNTIL_CLOSE;
        endless = eventStream || parsed.body() != ResponseHead.Body.FIXED;
        reply.head(bytes, size, parsed, request.method().equals(HttpMethod.HEAD), owner.isLast());
    }

    @Override
    public void data(ByteBuf bytes) {
        if (!owner.isOver()) {
            reply.data(bytes);
        }
    }

    @Override
    public void pause() {
        if (!owner.isOver() && !reply.isEmpty()) {
            reply.flush();
            if (endless && watch == null) {
                watch = services.rights().watchResponse(call, client.executor(), eventStream, owner::fail);
            }
        }
    }

    @Override
    public void writable(boolean isWritable) {
        if (isWritable && !owner.isOver()) {
            owner.resume();
        }
    }

    /** While the client does not read, nothing is read from the backend. */
    void clientIsWritable(boolean isWritable) {
        RawConnection present = connection;
        if (present != null) {
            present.channel().config().setAutoRead(isWritable);
        }
    }

    @Override
    public void ended() {
        ended = true;
        if (!owner.isOver()) {
            reply.end();
            owner.finish();
        }
    }

    @Override
    public void closed() {
        if (untilClose) {
            ended();
        } else {
            failed(new IOException("the connection was closed before the response ended"));
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (owner.isOver()) {
            return;
        }
        if (!repeated && !reply.isSent() && attempt.mayBeRepeated(cause)) {
            repeated = true;
            services.backendMeters().retried(backend.name());
            attempt = newAttempt();
            connection = null;
            connect();
        } else {
            owner.fail(attempt.cause(cause));
        }
    }

    /** Gives back the slot, and the connection if the response has ended; otherwise closes it. */
    void stop() {
        RawConnection used = connection;
        connection = null;
        if (used != null && ended) {
            used.channel().config().setAutoRead(true);
            used.release();
        } else if (used != null) {
            used.close();
        }
        if (watch != null) {
            watch.dispose();
        }
        Slot held = slot;
        slot = null;
        if (held != null) {
            held.release();
        }
    }
}
