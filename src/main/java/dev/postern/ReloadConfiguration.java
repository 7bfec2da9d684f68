package dev.postern;

import dev.postern.backend.BackendPools;
import dev.postern.call.Routing;
import dev.postern.proxy.CatalogMapping;
import dev.postern.reload.Reloads;
import dev.postern.reload.SettingsFiles;
import dev.postern.telemetry.ReloadMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;

/** Reloads of the catalogue and the backends. */
@Configuration(proxyBeanMethods = false)
@Import(SettingsFiles.class)
class ReloadConfiguration {
    @Bean
    Reconfiguration reconfiguration(RoutingTables tables, Routing routing, CatalogMapping mapping,
            PosternProperties properties, ConfigurableEnvironment environment) {
        return new Reconfiguration(tables, routing, mapping, properties, environment);
    }

    @Bean
    Reloads reloads(SettingsFiles files, Reconfiguration reconfiguration, MeterRegistry registry, Clock clock,
            BackendPools pools) {
        return new Reloads(files, reconfiguration, new ReloadMeters(registry), clock, pools::forgetUnused);
    }

    @Bean
    ApplicationListener<ApplicationReadyEvent> startReloads(Reloads reloads, PosternProperties properties) {
        return _ -> reloads.start(properties.reload());
    }
}
