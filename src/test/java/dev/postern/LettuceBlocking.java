package dev.postern;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Lettuce guards its queue of commands with a lock that is held for a few instructions. Where a thread of the event loop
 * has to wait for it and BlockHound throws, Lettuce's count of writers is wrong from then on, and the event loop spins
 * without end.
 */
public final class LettuceBlocking implements BlockHoundIntegration {
    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "doExclusive")
                // Asks a bounded queue, which has such a lock too, how full it is.
                .allowBlockingCallsInside("io.lettuce.core.protocol.DefaultEndpoint", "validateWrite");
    }
}
