package dev.postern;

import dev.postern.catalog.Catalog;
import dev.postern.proxy.CommonBackend;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * Refuses configurations that would expose the management API on the public port, and logs the gate's ports when the
 * start is complete.
 */
final class StartUp implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern");

    private final Environment environment;
    private final Catalog catalog;
    private final CommonBackend backend;

    StartUp(Environment environment, Catalog catalog, CommonBackend backend) {
        this.environment = environment;
        this.catalog = catalog;
        this.backend = backend;
    }

    @Override
    public void afterPropertiesSet() {
        IneffectiveSettings.refuse(environment);
        String management = environment.getProperty("management.server.port", "");
        if (management.isBlank()
                || (!management.equals("0") && management.equals(environment.getProperty("server.port")))) {
            throw new IllegalStateException(
                    "management.server.port must differ from server.port: the management API"
                            + " must not be reachable on the public port");
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
