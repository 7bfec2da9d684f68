package dev.postern.backend;

import dev.postern.catalog.BackendAddress;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All backends by address, as one version of the configuration describes them: those that the operator has configured,
 * and those that only appear in an API or a route. Versions share the backends that did not change.
 */
public final class Backends {
    /**
     * Addresses come from the configuration. Without this limit, a filter that derived them from requests would exhaust
     * memory.
     */
    private static final int MAX_BACKENDS = 1_000;

    private final BackendPools pools;
    private final ConnectionSettings settings;
    private final Map<String, Backend> backends = new ConcurrentHashMap<>();

    /**
     * @param before the version that this one replaces; null for the first one
     * @param used   the addresses of APIs and routes
     * @throws IllegalArgumentException if a setting is wrong; the message names it
     */
    Backends(BackendPools pools, Map<String, BackendSettings> configured, ConnectionSettings settings,
            Collection<URI> used, @Nullable Backends before) {
        this.pools = pools;
        this.settings = settings;
        Map<String, String> names = new HashMap<>();
        configured.forEach((name, backend) -> {
            String where = "postern.backends." + name;
            backend.requireSensible(where);
            String key = key(BackendAddress.parse(where + ".address", backend.address()).uri());
            String other = names.put(key, name);
            if (other != null) {
                throw new IllegalArgumentException(
                        where + ".address is also the address of postern.backends." + other);
            }
            // Created now, so that errors in its settings prevent the start.
            add(new Backend.Origin(name, key, backend, settings), before);
        });
        used.stream().map(Backends::key).filter(key -> !names.containsKey(key))
                .forEach(key -> add(unnamed(key), before));
    }

    private void add(Backend.Origin origin, @Nullable Backends before) {
        Backend present = before == null ? null : before.backends.get(origin.address());
        backends.put(origin.address(),
                present != null && present.origin().equals(origin) ? present : pools.create(origin));
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
        return backends.computeIfAbsent(key, address -> pools.adopt(this, unnamed(address)));
    }

    private Backend.Origin unnamed(String address) {
        return new Backend.Origin(address, address,
                new BackendSettings(address, null, null, null, true, null, null), settings);
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

    Collection<Backend> all() {
        return backends.values();
    }
}
