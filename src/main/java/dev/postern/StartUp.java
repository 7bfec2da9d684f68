package dev.postern;

import dev.postern.call.CommonBackend;
import dev.postern.catalog.Catalog;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * Refuses configurations that would expose the management API on the public port, or cannot work, and logs the gate's
 * ports when the start is complete.
 */
final class StartUp implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern");

    private static final Set<String> HTTP = Set.of("http", "https", "ws", "wss");

    private final Environment environment;
    private final Catalog catalog;
    private final CommonBackend backend;
    private final GatewayProperties gateway;

    StartUp(Environment environment, Catalog catalog, CommonBackend backend, GatewayProperties gateway) {
        this.environment = environment;
        this.catalog = catalog;
        this.backend = backend;
        this.gateway = gateway;
    }

    @Override
    public void afterPropertiesSet() {
        IneffectiveSettings.refuse(environment);
        gateway.getRoutes().forEach(StartUp::requireHost);
        String management = environment.getProperty("management.server.port", "");
        if (management.isBlank()
                || (!management.equals("0") && management.equals(environment.getProperty("server.port")))) {
            throw new IllegalStateException(
                    "management.server.port must differ from server.port: the management API"
                            + " must not be reachable on the public port");
        }
    }

    private static void requireHost(RouteDefinition route) {
        URI uri = route.getUri();
        // The gateway itself refuses a route without a URI.
        if (uri != null && HTTP.contains(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT))
                && uri.getHost() == null) {
            throw new IllegalStateException("spring.cloud.gateway.server.webflux.routes: the uri of route "
                    + route.getId() + " has no valid host name");
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        LOG.info("Device APIs on port {}, management on {}:{}", environment.getProperty("local.server.port"),
                environment.getProperty("management.server.address", "*"),
                environment.getProperty("local.management.port"));
        List<String> without = catalog.apis().stream()
                .filter(api -> api.backend().isEmpty() && backend.address().isEmpty()).map(api -> api.id().value())
                .toList();
        if (catalog.apis().isEmpty()) {
            LOG.warn("The catalogue is empty: no device API can be called. Configure postern.apis"
                    + " in ./config/application.yml");
        } else if (!without.isEmpty()) {
            LOG.warn("No backend is configured for {}: set postern.backend", String.join(", ", without));
        }
    }
}
