package dev.postern.support;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Places in libraries where an event loop may wait, mostly for locks that are held for a few instructions. An exception
 * from BlockHound there would do more harm than the wait.
 */
public final class LibraryBlocking implements BlockHoundIntegration {
    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder
                // Lettuce's count of writers would be wrong from then on, and its event loop would spin without end.
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "doExclusive")
                // Asks a bounded queue, which has such a lock too, how full it is.
                .allowBlockingCallsInside("io.lettuce.core.protocol.DefaultEndpoint", "validateWrite")
                // In a Cluster, such locks guard the table of which node has which hash slot.
                .allowBlockingCallsInside("io.lettuce.core.cluster.ClusterDistributionChannelWriter", "doWrite")
                .allowBlockingCallsInside("io.lettuce.core.protocol.RedisHandshakeHandler", "succeed")
                .allowBlockingCallsInside("io.lettuce.core.cluster.PooledClusterConnectionProvider",
                        "resetFastConnectionCache")
                // If this fails, the client waits without end for its connections to be closed.
                .allowBlockingCallsInside("io.lettuce.core.CloseEvents", "fireEventClosed")
                // For a new TLS connection: reads the certificates that the JVM trusts, and /dev/urandom, which never
                // waits.
                .allowBlockingCallsInside("io.lettuce.core.SslConnectionBuilder$SslChannelInitializer",
                        "initializeSSLEngine")
                .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
                // Waits for another thread that is just taking the same entry out.
                .allowBlockingCallsInside("com.github.benmanes.caffeine.cache.BoundedLocalCache", "put")
                // Never waits for a place, only for a worker that is just taking something out.
                .allowBlockingCallsInside("java.util.concurrent.ArrayBlockingQueue", "offer")
                // Once for each type, when it is first read.
                .allowBlockingCallsInside("tools.jackson.databind.deser.DeserializerCache",
                        "_createAndCacheValueDeserializer")
                // Buffers are allocated while a socket is read, and a connection whose reading fails is broken.
                .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator$MagazineGroup",
                        "tryExpandMagazines");
    }
}
