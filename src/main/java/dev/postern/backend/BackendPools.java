package dev.postern.backend;

import dev.postern.telemetry.BackendMeters;
import dev.postern.wire.DiscardListener;
import dev.postern.wire.DiscardReason;
import dev.postern.wire.ResponseLimits;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;
import reactor.netty.resources.LoopResources;

/**
 * Makes backends, and keeps those that are in use: by the current version of the configuration, or by calls that began
 * in an earlier one. A backend that no version has any more keeps no idle connections, and is forgotten when its last
 * call has ended.
 */
public final class BackendPools implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackendPools.class);
    /** The largest head of a response, in bytes. */
    private static final int MAX_HEAD = 32 * 1024;

    private final BundleRenewals bundles;
    private final LoopResources loops;
    private final BackendMeters meters;
    private final DnsAddressResolverGroup resolver;
    private final Set<Backend> used = ConcurrentHashMap.newKeySet();
    /** Backends that the current version does not have, and since when. */
    private final Map<Backend, Long> retired = new HashMap<>();
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final Map<String, Refused> refused = new ConcurrentHashMap<>();
    private @Nullable Backends current;

    /** The calls that a backend has refused, in all versions: a counter must not fall. */
    private record Refused(LongAdder calls, LongAdder streams) {}

    public BackendPools(SslBundles bundles, LoopResources loops, BackendMeters meters) {
        this.bundles = new BundleRenewals(bundles);
        this.loops = loops;
        this.meters = meters;
        this.resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, loops.onClient(true)))
                .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, loops.onClient(true)), true));
    }

    /**
     * Makes the backends of a version, which shares those that did not change with the current version. Until
     * {@link #use}, nothing else changes.
     *
     * @param addresses those of APIs and routes
     * @throws IllegalArgumentException if a setting is wrong; the message names it
     */
    public synchronized Backends build(Map<String, BackendSettings> configured, ConnectionSettings settings,
            Collection<URI> addresses) {
        return new Backends(this, configured, settings, addresses, current);
    }

    /** Makes this version the current one. Call it before the first call sees the version. */
    public synchronized void use(Backends next) {
        current = next;
        next.all().forEach(this::add);
        used.stream().filter(backend -> !next.all().contains(backend)).forEach(this::retire);
    }

    private void retire(Backend backend) {
        if (retired.putIfAbsent(backend, System.nanoTime()) == null) {
            backend.raw().retire();
        }
    }

    /** Adds a backend whose address no API and no route has, because a filter chose it. */
    synchronized Backend adopt(Backends version, Backend.Origin origin) {
        Backend made = create(origin);
        add(made);
        if (current != null && !version.equals(current)) {
            retire(made);
        }
        return made;
    }

    private void add(Backend backend) {
        used.add(backend);
        String name = backend.name();
        if (watched.add(name)) {
            Refused counted = refused(name);
            meters.watch(name, "call", () -> sum(name, one -> one.calls().held()),
                    () -> sum(name, one -> one.calls().waiting()), counted.calls()::sum);
            meters.watch(name, "stream", () -> sum(name, one -> one.streams().held()),
                    () -> sum(name, one -> one.streams().waiting()), counted.streams()::sum);
            meters.watchConnections(name, () -> sum(name, one -> one.raw().openConnections()));
        }
    }

    private int sum(String name, ToIntFunction<Backend> value) {
        return used.stream().filter(backend -> backend.name().equals(name)).mapToInt(value).sum();
    }

    private Refused refused(String name) {
        return refused.computeIfAbsent(name, _ -> new Refused(new LongAdder(), new LongAdder()));
    }

    /**
     * Forgets the backends that no version has any more and no call uses. A call that was read before may take a while
     * until it uses its backend, so a backend is kept for {@code connection-max-idle} at least.
     */
    public synchronized void forgetUnused() {
        long now = System.nanoTime();
        retired.entrySet().removeIf(entry -> {
            Backend backend = entry.getKey();
            boolean gone = now - entry.getValue() > backend.origin().connection().maxIdle().toNanos()
                    && backend.isUnused();
            return gone && used.remove(backend);
        });
        Set<String> gone = new HashSet<>(watched);
        used.forEach(backend -> gone.remove(backend.name()));
        gone.forEach(name -> {
            watched.remove(name);
            meters.forget(name);
        });
        refused.keySet().retainAll(watched);
    }

    Backend create(Backend.Origin origin) {
        ConnectionSettings settings = origin.connection();
        BackendSettings own = origin.own();
        String name = origin.name();
        Refused counted = refused(name);
        FairSlots calls = slots(settings.calls(), own.maxConnections(), counted.calls());
        FairSlots streams = slots(settings.streams(), own.maxStreams(), counted.streams());
        BackendTls tls = BackendTls.of("postern.backends." + name, own, bundles);
        DiscardListener discards = (_, why) -> discarded(name, why);
        ResponseLimits limits = new ResponseLimits(MAX_HEAD, settings.responseTimeout(), settings.idleTimeout());
        RawConnections raw = new RawConnections(URI.create(origin.address()), settings, own,
                calls.size() + streams.size(), limits, tls, loops, resolver, discards);
        return new Backend(origin, calls, streams, raw, new WebSocketClient(settings, limits, tls, loops, discards));
    }

    private static FairSlots slots(FairSlots.Bounds bounds, @Nullable Integer size, LongAdder refused) {
        return new FairSlots(new FairSlots.Bounds(Optional.ofNullable(size).orElse(bounds.slots()),
                bounds.maxWaiting(), bounds.patience(), bounds.accountShare(), bounds.credentialShare()), refused);
    }

    private void discarded(String name, DiscardReason why) {
        meters.discarded(name, why.name().toLowerCase(Locale.ROOT));
        LOG.debug("A connection to {} was closed: {}", name, why);
    }

    /** WebSockets and event streams that are open, at all backends. */
    public int openStreams() {
        return used.stream().mapToInt(backend -> backend.streams().held()).sum();
    }

    /** Closes all connections. */
    @Override
    public void close() {
        used.forEach(backend -> backend.raw().close());
        resolver.close();
    }
}
