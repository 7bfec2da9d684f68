package dev.postern.store;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.time.Duration;

/** Guards every connection of a client: the gate's own, and those to sentinels and to each node of a Cluster. */
final class ConnectionGuards implements NettyCustomizer {
    /** Longer than Redis takes over a slow script, or to write what it holds to a busy disk. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Duration silence;

    ConnectionGuards(Duration commandTimeout) {
        this.silence = commandTimeout.plus(PATIENCE);
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
        // This one first: the other gives what was read to Lettuce itself, past those behind it.
        EndOnSilence.guard(channel.pipeline(), silence);
        EndOnError.guard(channel.pipeline());
    }
}
