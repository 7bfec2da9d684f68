package dev.postern.proxy;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches a response while it is written, and closes the connection or HTTP/2 stream of a client that takes nothing of
 * it for too long. Otherwise such a client could keep the slot of its call, and the part of the response that the gate
 * has read, forever. A client that is slow but takes something, or for which nothing waits, is left alone.
 */
final class ResponseWatch implements AutoCloseable {
    private final Channel client;
    private final ResponseBody body;
    private final long patience;
    private volatile boolean over;
    private @Nullable ScheduledFuture<?> timer;
    private long delivered;
    private long room;

    private ResponseWatch(Channel client, ResponseBody body, Duration patience) {
        this.client = client;
        this.body = body;
        this.patience = patience.toNanos();
    }

    /** @param patience how long a client may take nothing */
    static ResponseWatch start(Channel client, ResponseBody body, Duration patience) {
        ResponseWatch watch = new ResponseWatch(client, body, patience);
        watch.schedule();
        return watch;
    }

    private void schedule() {
        delivered = body.delivered();
        room = room();
        timer = client.eventLoop().schedule(this::look, patience, TimeUnit.NANOSECONDS);
    }

    private void look() {
        if (over || !client.isActive()) {
            return;
        }
        boolean progress = delivered != body.delivered() || room != room();
        if (progress || !isAnythingUnsent()) {
            schedule();
        } else {
            var _ = client.close();
        }
    }

    /** Changes with each byte that is added to or sent from the write buffer of the connection. */
    private long room() {
        return client.bytesBeforeUnwritable() - client.bytesBeforeWritable();
    }

    private boolean isAnythingUnsent() {
        return body.isWaiting() || client.bytesBeforeUnwritable() < client.config().getWriteBufferHighWaterMark();
    }

    @Override
    public void close() {
        over = true;
        ScheduledFuture<?> present = timer;
        if (present != null) {
            present.cancel(false);
        }
    }
}
