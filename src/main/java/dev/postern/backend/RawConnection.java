package dev.postern.backend;

import dev.postern.wire.ConnectionGuard;
import dev.postern.wire.ResponseDecoder;
import dev.postern.wire.ResponseListener;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;

/**
 * A connection to a backend for a caller that writes its requests as bytes. Belongs to one event loop, and carries one
 * request at a time.
 */
public final class RawConnection {
    private final RawConnections pool;
    private final Channel channel;
    private final ResponseDecoder decoder;
    private final int generation;
    private final long made = System.nanoTime();
    private long idleSince;

    RawConnection(RawConnections pool, Channel channel, ResponseDecoder decoder, int generation) {
        this.pool = pool;
        this.channel = channel;
        this.decoder = decoder;
        this.generation = generation;
    }

    public Channel channel() {
        return channel;
    }

    public ConnectionGuard guard() {
        return decoder;
    }

    /**
     * To be called before a request is written.
     *
     * @return false if the connection cannot carry it; the caller closes it
     */
    public boolean begin(HttpMethod method, ResponseListener listener) {
        if (!channel.isActive() || !decoder.begin(channel, method, false)) {
            // The caller goes on with another connection, and must not hear about the end of this one.
            return false;
        }
        decoder.listen(listener);
        return true;
    }

    /** To be called when the last part of a request was written. */
    public void requestSent() {
        decoder.requestSent();
    }

    /** Returns the connection when its response has ended. It is closed if it cannot carry another request. */
    public void release() {
        pool.release(this);
    }

    public void close() {
        var _ = channel.close();
    }

    int generation() {
        return generation;
    }

    long age(long now) {
        return now - made;
    }

    long idleFor(long now) {
        return now - idleSince;
    }

    void idle(long now) {
        idleSince = now;
    }

    boolean isReusable() {
        return channel.isActive() && decoder.isReusable();
    }
}
