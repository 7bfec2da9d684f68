package dev.postern.backend;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * Tells backends when Spring has reloaded an SSL bundle. Spring never forgets a listener, so there is one for each
 * bundle, and backends that no version of the configuration has any more are only held weakly.
 */
final class BundleRenewals {
    private final SslBundles bundles;
    private final Map<String, Set<BackendTls>> users = new HashMap<>();

    BundleRenewals(SslBundles bundles) {
        this.bundles = bundles;
    }

    /**
     * The bundle with this name, whose renewals the backend will be told.
     *
     * @throws org.springframework.boot.ssl.NoSuchSslBundleException if there is none
     */
    synchronized SslBundle follow(String name, BackendTls user) {
        SslBundle bundle = bundles.getBundle(name);
        users.computeIfAbsent(name, _ -> {
            bundles.addBundleUpdateHandler(name, renewed -> tell(name, renewed));
            return Collections.newSetFromMap(new WeakHashMap<>());
        }).add(user);
        return bundle;
    }

    private void tell(String name, SslBundle renewed) {
        users(name).forEach(user -> user.renew(renewed));
    }

    private synchronized List<BackendTls> users(String name) {
        return new ArrayList<>(users.getOrDefault(name, Set.of()));
    }
}
