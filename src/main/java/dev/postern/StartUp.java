package dev.postern;

import dev.postern.call.Routing;
import dev.postern.catalog.Catalog;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * Checks the configuration, and logs the gate's ports when the start is complete.
 */
final class StartUp implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern");

    private final Environment environment;
    private final Routing routing;
    private final GatewayProperties gateway;

    StartUp(Environment environment, Routing routing, GatewayProperties gateway) {
        this.environment = environment;
        this.routing = routing;
        this.gateway = gateway;
    }

    @Override
    public void afterPropertiesSet() {
        ConfigurationChecks.check(environment, gateway.getRoutes());
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        LOG.info("Device APIs on port {}, management on {}:{}", environment.getProperty("local.server.port"),
                environment.getProperty("management.server.address", "*"),
                environment.getProperty("local.management.port"));
        Catalog catalog = routing.catalog();
        List<String> without = catalog.apis().stream().filter(api -> api.backend().isEmpty())
                .map(api -> api.id().value())
                .toList();
        if (catalog.apis().isEmpty()) {
            LOG.warn("The catalogue is empty: no device API can be called. Configure postern.apis"
                    + " in ./config/application.yml");
        } else if (!without.isEmpty()) {
            LOG.warn("No backend is configured for {}: set postern.backend", String.join(", ", without));
        }
    }
}
