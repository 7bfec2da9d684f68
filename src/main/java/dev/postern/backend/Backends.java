package dev.postern.backend;

import dev.postern.catalog.BackendAddress;
import dev.postern.telemetry.BackendMeters;
import dev.postern.wire.DiscardListener;
import dev.postern.wire.DiscardReason;
import dev.postern.wire.ResponseLimits;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;
import reactor.netty.resources.LoopResources;

/** All backends by address: those that the operator has configured, and those that only appear in an API or a route. */
public final class Backends implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
    /**
     * Addresses come from the configuration. Without this limit, a filter that derived them from requests would exhaust
     * memory.
     */
    private static final int MAX_BACKENDS = 1_000;

    /** The largest head of a response, in bytes. */
    private static final int MAX_HEAD = 32 * 1024;

    private final ConnectionSettings settings;
    private final SslBundles bundles;
    private final LoopResources loops;
    private final BackendMeters meters;
    private final DnsAddressResolverGroup resolver;
    private final Map<String, Named> named = new HashMap<>();
    private final Map<String, Backend> backends = new ConcurrentHashMap<>();

    private record Named(String name, BackendSettings settings) {}

    /** @throws IllegalArgumentException if a setting is wrong; the message names it */
    public Backends(Map<String, BackendSettings> configured, ConnectionSettings settings, SslBundles bundles,
            LoopResources loops, BackendMeters meters) {
        this.settings = settings;
        this.bundles = bundles;
        this.loops = loops;
        this.resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, loops.onClient(true)))
                .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, loops.onClient(true)), true));
        this.meters = meters;
        configured.forEach((name, backend) -> {
            String where = "postern.backends." + name;
            backend.requireSensible(where);
            String key = key(BackendAddress.parse(where + ".address", backend.address()).uri());
            Named before = named.put(key, new Named(name, backend));
            if (before != null) {
                throw new IllegalArgumentException(
                        where + ".address is also the address of postern.backends." + before.name());
            }
            // Created now, so that errors in its settings prevent the start.
            backends.put(key, create(name, key, backend));
        });
    }

    /** The backend of an {@code http}, {@code https}, {@code ws} or {@code wss} URI. */
    public Backend at(URI uri) {
        String key = key(uri);
        Backend known = backends.get(key);
        if (known != null) {
            return known;
        }
        if (backends.size() >= MAX_BACKENDS) {
            throw new IllegalStateException("more than " + MAX_BACKENDS + " backend addresses are in use");
        }
        return backends.computeIfAbsent(key, address -> create(address, address, unnamed(address)));
    }

    private static BackendSettings unnamed(String address) {
        return new BackendSettings(address, null, null, null, true, null, null);
    }

    private static String key(URI uri) {
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("a route leads to " + uri.getScheme() + "://"
                    + uri.getRawAuthority() + ", which is not a valid host name");
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https") || scheme.equals("wss");
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return (secure ? "https://" : "http://") + host + ":" + port;
    }

    private Backend create(String name, String key, BackendSettings backend) {
        FairSlots calls = slots(settings.calls(), backend.maxConnections());
        FairSlots streams = slots(settings.streams(), backend.maxStreams());
        int connections = calls.size() + streams.size();
        BackendTls tls = BackendTls.of("postern.backends." + name, backend, bundles);
        DiscardListener discards = (_, why) -> discarded(name, why);
        ResponseLimits limits = new ResponseLimits(MAX_HEAD, settings.responseTimeout(), settings.idleTimeout());
        RawConnections raw = new RawConnections(URI.create(key), settings, backend, connections, limits, tls, loops,
                resolver, discards);
        Backend made = new Backend(name, calls, streams, raw,
                new WebSocketClient(settings, limits, tls, loops, discards));
        meters.watch(name, "call", calls::held, calls::waiting, calls::refused);
        meters.watch(name, "stream", streams::held, streams::waiting, streams::refused);
        meters.watchConnections(name, raw::openConnections);
        return made;
    }

    private static FairSlots slots(FairSlots.Bounds bounds, @Nullable Integer size) {
        return new FairSlots(new FairSlots.Bounds(Optional.ofNullable(size).orElse(bounds.slots()),
                bounds.maxWaiting(), bounds.patience(), bounds.accountShare(), bounds.credentialShare()));
    }

    private void discarded(String name, DiscardReason why) {
        meters.discarded(name, why.name().toLowerCase(Locale.ROOT));
        LOG.debug("A connection to {} was closed: {}", name, why);
    }

    /** WebSockets and event streams that are open, at all backends. */
    public int openStreams() {
        return backends.values().stream().mapToInt(backend -> backend.streams().held()).sum();
    }

    /** Closes all connections. */
    @Override
    public void close() {
        backends.values().forEach(backend -> backend.raw().close());
        resolver.close();
    }
}
