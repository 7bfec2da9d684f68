package dev.postern.proxy;

import dev.postern.backend.RawConnection;
import dev.postern.backend.RawConnections;
import dev.postern.call.Attempt;
import dev.postern.wire.HeaderFields;
import dev.postern.wire.ResponseHead;
import dev.postern.wire.ResponseListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Sends a request to a backend once, and receives its response. Everything happens on the event loop of the client's
 * connection.
 */
final class BackendExchange implements ResponseListener, RequestSender.Listener, ResponseBody.Source {
    private final RawConnections connections;
    private final EventLoop loop;
    private final Attempt attempt;
    private final RequestHead head;
    private final Flux<DataBuffer> requestBody;
    private final RouteTimeouts timeouts;
    private final MonoSink<BackendResponse> sink;
    private boolean over;
    private boolean untilClose;
    private @Nullable RawConnection connection;
    private @Nullable RequestSender sender;
    private @Nullable ResponseBody body;
    private Runnable stopTimer = () -> {};

    private BackendExchange(RawConnections connections, EventLoop loop, Attempt attempt, RequestHead head,
            Flux<DataBuffer> requestBody, RouteTimeouts timeouts, MonoSink<BackendResponse> sink) {
        this.connections = connections;
        this.loop = loop;
        this.attempt = attempt;
        this.head = head;
        this.requestBody = requestBody;
        this.timeouts = timeouts;
        this.sink = sink;
    }

    /**
     * Sends a request.
     *
     * @param fresh whether to open a new connection although there are idle ones
     * @return the response, when its head has arrived
     */
    static Mono<BackendResponse> send(RawConnections connections, EventLoop loop, Attempt attempt, RequestHead head,
            Flux<DataBuffer> body, boolean fresh, RouteTimeouts timeouts) {
        return Mono.create(sink -> {
            BackendExchange exchange = new BackendExchange(connections, loop, attempt, head, body, timeouts, sink);
            sink.onCancel(() -> exchange.onLoop(exchange::cancel));
            exchange.onLoop(() -> exchange.begin(fresh));
        });
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    private void begin(boolean fresh) {
        if (over) {
            return;
        }
        timeouts.response().ifPresent(limit -> {
            ScheduledFuture<?> timer = loop.schedule(() -> failed(new TimeoutException("the route's response-timeout")),
                    limit.toNanos(), TimeUnit.NANOSECONDS);
            stopTimer = () -> timer.cancel(false);
        });
        RawConnection idle;
        while (!fresh && (idle = connections.takeIdle()) != null) {
            if (sendOn(idle)) {
                return;
            }
            idle.close();
        }
        attempt.usedConnection(null);
        timeouts.connect().map(timeout -> connections.connect(loop, timeout)).orElseGet(() -> connections.connect(loop))
                .addListener((Future<RawConnection> opened) -> {
                    if (!opened.isSuccess()) {
                        failed(opened.cause());
                    } else if (over) {
                        opened.getNow().close();
                    } else if (!sendOn(opened.getNow())) {
                        opened.getNow().close();
                        failed(new IOException("the connection was closed before the request was sent"));
                    }
                });
    }

    /** @return false if the connection cannot carry the request; then nothing was sent */
    private boolean sendOn(RawConnection on) {
        attempt.usedConnection(on.guard());
        if (!on.begin(head.method(), this)) {
            return false;
        }
        connection = on;
        Channel channel = on.channel();
        var _ = channel.write(head.bytes(channel.alloc()), channel.voidPromise());
        if (!head.takesBody()) {
            channel.flush();
            on.requestSent();
        } else {
            attempt.bodyRequested();
            RequestSender body = new RequestSender(channel, head.length(), this);
            sender = body;
            body.start(requestBody);
        }
        return true;
    }

    @Override
    public void sent() {
        RawConnection used = connection;
        if (used != null) {
            used.requestSent();
        }
    }

    @Override
    public void head(byte[] bytes, int size, ResponseHead parsed) {
        if (over) {
            return;
        }
        stopTimer.run();
        untilClose = parsed.body() == ResponseHead.Body.UNTIL_CLOSE;
        HttpHeaders headers = new HttpHeaders();
        HeaderFields.forEach(bytes, size, headers::add);
        ResponseBody received = new ResponseBody(loop, this);
        body = received;
        sink.success(new BackendResponse(parsed.status(), headers, received));
    }

    @Override
    public void data(ByteBuf bytes) {
        if (!over && body != null) {
            body.add(bytes.retain());
        }
    }

    @Override
    public void pause() {
        if (!over && body != null) {
            body.pause();
        }
    }

    @Override
    public void writable(boolean isWritable) {
        if (sender != null) {
            sender.writable(isWritable);
        }
    }

    @Override
    public void read(boolean wanted) {
        RawConnection present = connection;
        if (present != null) {
            present.channel().config().setAutoRead(wanted);
        }
    }

    @Override
    public void ended() {
        RawConnection used = connection;
        ResponseBody received = body;
        if (over || used == null || received == null) {
            return;
        }
        over = true;
        connection = null;
        stopSending();
        used.channel().config().setAutoRead(true);
        used.release();
        received.end();
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
        if (over) {
            return;
        }
        ResponseBody received = body;
        close();
        if (received == null) {
            sink.error(cause);
        } else {
            received.fail(attempt.cause(cause));
        }
    }

    @Override
    public void abandon() {
        if (!over) {
            close();
        }
    }

    /** Nobody waits for the response any more. It may have arrived meanwhile. */
    private void cancel() {
        abandon();
        if (body != null) {
            body.cancel();
        }
    }

    private void close() {
        over = true;
        stopTimer.run();
        stopSending();
        RawConnection used = connection;
        connection = null;
        if (used != null) {
            used.close();
        }
    }

    private void stopSending() {
        RequestSender present = sender;
        sender = null;
        if (present != null) {
            present.stop();
        }
    }
}
