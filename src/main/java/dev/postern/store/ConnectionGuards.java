package dev.postern.store;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.time.Duration;

/**
 * Adds the guards to every connection of a client: the gate's own, and those to sentinels and to each node of a
 * Cluster.
 */
final class ConnectionGuards implements NettyCustomizer {
    /** Longer than Redis needs for a slow script, or to write its data to a busy disk. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Duration silence;

    ConnectionGuards(Duration commandTimeout) {
        this.silence = commandTimeout.plus(PATIENCE);
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
        // This one first: the other one passes what was read directly to Lettuce, and skips the handlers in between.
        CloseOnSilence.guard(channel.pipeline(), silence);
        CloseOnError.guard(channel.pipeline());
    }
}
