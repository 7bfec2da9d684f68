package dev.postern.management;

import dev.postern.access.DeviceGroup;
import dev.postern.account.DeviceGroups;
import dev.postern.catalog.Catalog;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ExpiringCredentials;
import dev.postern.license.LicenseWatch;
import dev.postern.reload.Reloads;
import dev.postern.store.Gates;
import dev.postern.store.RedisStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.function.Supplier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Routes for accounts, their projects and users, the catalogue, and the gates. */
@Configuration(proxyBeanMethods = false)
class AccountRoutesConfiguration {
    @Bean
    RouterFunction<ServerResponse> accountsRoutes(Accounts accounts) {
        return new AccountsEndpoint(accounts).routes();
    }

    @Bean
    RouterFunction<ServerResponse> projectsRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.PROJECT).routes();
    }

    @Bean
    RouterFunction<ServerResponse> usersRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.USER).routes();
    }

    @Bean
    RouterFunction<ServerResponse> apisRoutes(Supplier<Catalog> catalog) {
        return new ApisEndpoint(catalog).routes();
    }

    @Bean
    RouterFunction<ServerResponse> overviewRoutes(MeterRegistry meters, RedisStore redis, LicenseWatch licenses,
            ExpiringCredentials expiring, Clock clock) {
        return new OverviewEndpoint(meters, redis, licenses, expiring, clock).routes();
    }

    @Bean
    RouterFunction<ServerResponse> reloadRoutes(Reloads reloads) {
        return new ReloadEndpoint(reloads).routes();
    }

    @Bean
    RouterFunction<ServerResponse> gatesRoutes(Gates gates) {
        return new GatesEndpoint(gates).routes();
    }
}
