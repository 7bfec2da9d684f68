package dev.postern;

import dev.postern.backend.BackendSettings;
import dev.postern.call.Routing;
import dev.postern.call.RoutingTable;
import dev.postern.catalog.Catalog;
import dev.postern.proxy.CatalogMapping;
import dev.postern.reload.ReloadReport;
import dev.postern.reload.ReloadReport.Difference;
import dev.postern.reload.ReloadReport.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Puts settings that were read again in use: binds those of the gate as at the start, makes a routing table of those
 * that can be reloaded, and replaces the present one at once. Only one thread may use it.
 */
final class Reconfiguration implements Function<ConfigurableEnvironment, ReloadReport> {
    private final RoutingTables tables;
    private final Routing routing;
    private final CatalogMapping mapping;
    private final PosternProperties started;
    private final ConfigurableEnvironment startedWith;
    private RoutingTables.Inputs inUse;
    private ConfigurableEnvironment readLast;

    Reconfiguration(RoutingTables tables, Routing routing, CatalogMapping mapping, PosternProperties started,
            ConfigurableEnvironment startedWith) {
        this.tables = tables;
        this.routing = routing;
        this.mapping = mapping;
        this.started = started;
        this.startedWith = startedWith;
        this.inUse = tables.inputs(started);
        this.readLast = startedWith;
    }

    /** Binds the settings as at the start, in a context of their own. */
    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties({PosternProperties.class, GatewayProperties.class})
    static class Bound {}

    /** @throws RuntimeException if a setting is wrong; then nothing has changed */
    @Override
    public ReloadReport apply(ConfigurableEnvironment fresh) {
        try (AnnotationConfigApplicationContext bound = new AnnotationConfigApplicationContext()) {
            bound.setEnvironment(fresh);
            bound.register(Bound.class);
            bound.refresh();
            return apply(fresh, bound.getBean(PosternProperties.class), bound.getBean(GatewayProperties.class));
        }
    }

    private ReloadReport apply(ConfigurableEnvironment fresh, PosternProperties properties,
            GatewayProperties gateway) {
        ConfigurationChecks.check(fresh, gateway.getRoutes());
        RoutingTables.Inputs inputs = tables.inputs(properties);
        RoutingTable next = tables.build(inputs);
        if (started.console().keyHolderPageOnPublicPort() || properties.console().keyHolderPageOnPublicPort()) {
            KeyHolderPaths.requireFree(next.catalog(), gateway.getRoutes(), fresh);
        }
        List<String> restart = ReloadableSettings.changed(startedWith, fresh).stream()
                .filter(name -> !ReloadableSettings.include(name)).toList();
        List<String> settings = ReloadableSettings.changed(readLast, fresh).stream()
                .filter(ReloadableSettings::includeBesideNamed).toList();
        readLast = fresh;
        if (inputs.equals(inUse)) {
            return new ReloadReport(Outcome.UNCHANGED, Difference.NONE, Difference.NONE, List.of(), restart,
                    Optional.empty());
        }
        Difference apis = Difference.of(apis(routing.catalog()), apis(next.catalog()), Reconfiguration::isSame);
        Difference backends = Difference.of(inUse.backends(), inputs.backends(), BackendSettings::equals);
        tables.use(next);
        routing.use(next);
        mapping.forgetRoutes();
        inUse = inputs;
        return new ReloadReport(Outcome.CHANGED, apis, backends, settings, restart, Optional.empty());
    }

    private static Map<String, Catalog.Api> apis(Catalog catalog) {
        Map<String, Catalog.Api> byId = new LinkedHashMap<>();
        catalog.apis().forEach(api -> byId.put(api.id().value(), api));
        return byId;
    }

    private static boolean isSame(Catalog.Api one, Catalog.Api other) {
        return one.definition().equals(other.definition()) && one.backend().equals(other.backend());
    }
}
