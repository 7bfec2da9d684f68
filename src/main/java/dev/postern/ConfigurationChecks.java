package dev.postern;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.Environment;

/**
 * Refuses configurations that would expose the management API on the public port, or cannot work: at the start, and
 * before a reload.
 */
final class ConfigurationChecks {
    private static final Set<String> HTTP = Set.of("http", "https", "ws", "wss");

    private ConfigurationChecks() {}

    /** @throws IllegalStateException if the configuration must not be used; the message names the setting */
    static void check(Environment environment, List<RouteDefinition> routes) {
        IneffectiveSettings.refuse(environment);
        routes.forEach(ConfigurationChecks::requireHost);
        String management = environment.getProperty("management.server.port", "");
        if (management.isBlank()
                || (!management.equals("0") && management.equals(environment.getProperty("server.port")))) {
            throw new IllegalStateException(
                    "management.server.port must differ from server.port: the management API"
                            + " must not be reachable on the public port");
        }
    }

    /** Whether a route with this address leads to a backend over HTTP. */
    static boolean isHttp(@Nullable URI uri) {
        // The gateway itself refuses a route without a URI.
        return uri != null && HTTP.contains(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT));
    }

    private static void requireHost(RouteDefinition route) {
        URI uri = route.getUri();
        if (uri != null && isHttp(uri) && uri.getHost() == null) {
            throw new IllegalStateException("spring.cloud.gateway.server.webflux.routes: the uri of route "
                    + route.getId() + " has no valid host name");
        }
    }
}
