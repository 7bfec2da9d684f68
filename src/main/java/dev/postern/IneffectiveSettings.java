package dev.postern;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Spring settings that have no effect, because the gate has its own for the same purpose, or that would do harm. An
 * operator who sets one relies on it, for example on the check of a CA. So the gate does not start with one, and says
 * what to do.
 */
final class IneffectiveSettings {
    private static final String GATEWAY = "spring.cloud.gateway.server.webflux.";

    private static final String FORWARDED = "server.forward-headers-strategy";
    private static final String UPGRADE_BODY = "server.netty.h2c-max-content-length";

    /** A setting, or all below a name, and what to use instead. */
    private record Replaced(String name, String instead) {}

    private static final List<Replaced> REPLACED = List.of(
            new Replaced(GATEWAY + "httpclient.ssl", "postern.backends.<name>.ssl-bundle"),
            new Replaced(GATEWAY + "httpclient.pool", "postern.forwarding.max-connections and its neighbours"),
            new Replaced(GATEWAY + "httpclient.connect-timeout", "postern.forwarding.connect-timeout"),
            new Replaced(GATEWAY + "httpclient.response-timeout", "postern.forwarding.response-timeout"),
            new Replaced(GATEWAY + "httpclient", "postern.forwarding and postern.backends"),
            new Replaced(GATEWAY + "trusted-proxies", "postern.forwarding.trusted-proxies"),
            new Replaced(GATEWAY + "x-forwarded", "postern.forwarding.trusted-proxies"),
            new Replaced(GATEWAY + "forwarded", "postern.forwarding.trusted-proxies"),
            // Settings of earlier versions of the gateway.
            new Replaced("spring.cloud.gateway.httpclient", "postern.forwarding and postern.backends"),
            new Replaced("spring.cloud.gateway.routes", GATEWAY + "routes"),
            new Replaced("spring.cloud.gateway.default-filters", GATEWAY + "default-filters"),
            new Replaced("spring.cloud.gateway.globalcors", "postern.cors"),
            new Replaced(GATEWAY + "globalcors", "postern.cors"));

    private IneffectiveSettings() {}

    /** @throws IllegalStateException if one is set, naming it and what to use instead */
    static void refuse(Environment environment) {
        Binder binder = Binder.get(environment);
        for (Replaced replaced : REPLACED) {
            find(binder, replaced.name()).ifPresent(name -> {
                throw new IllegalStateException(name + " has no effect in Postern; use " + replaced.instead());
            });
        }
        // Spring would trust forwarding headers from anyone.
        if (!environment.getProperty(FORWARDED, "none").equalsIgnoreCase("none")) {
            throw new IllegalStateException(FORWARDED + " must be none; use postern.forwarding.trusted-proxies");
        }
        // The server does not release the body of an upgrade that waits in its queue when the connection ends.
        if (environment.getProperty(UPGRADE_BODY, DataSize.class, DataSize.ofBytes(0)).toBytes() > 0) {
            throw new IllegalStateException(
                    UPGRADE_BODY + " must be 0; a request with a body cannot be upgraded to HTTP/2");
        }
    }

    /** The first setting by or below this name. */
    private static Optional<String> find(Binder binder, String name) {
        if (binder.bind(name, Bindable.of(String.class)).isBound()) {
            return Optional.of(name);
        }
        Map<String, Object> below = binder.bind(name, Bindable.mapOf(String.class, Object.class)).orElse(Map.of());
        return below.isEmpty() ? Optional.empty() : Optional.of(name + "." + new TreeSet<>(below.keySet()).getFirst());
    }
}
