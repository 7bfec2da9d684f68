package dev.postern.wire;

import io.netty.channel.Channel;

/** Is notified of discarded connections, on their event loop. */
@FunctionalInterface
public interface DiscardListener {
    void discarded(Channel connection, DiscardReason why);
}
