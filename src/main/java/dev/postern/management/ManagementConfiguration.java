package dev.postern.management;

import dev.postern.access.DeviceGroup;
import dev.postern.catalog.Catalog;
import dev.postern.credential.Accounts;
import dev.postern.credential.DeviceGroups;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Puts the management API on the management port. Spring Boot loads this class into the context of that port alone, which
 * is why nothing in it can be reached on the public one.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
public class ManagementConfiguration {
    @Bean
    OperatorFilter operatorFilter(OperatorToken operatorToken) {
        return new OperatorFilter(operatorToken);
    }

    @Bean
    ManagementErrors managementErrors() {
        return new ManagementErrors();
    }

    @Bean
    RouterFunction<ServerResponse> accountsRoutes(Accounts accounts) {
        return new AccountsEndpoint(accounts).routes();
    }

    @Bean
    RouterFunction<ServerResponse> apisRoutes(Catalog catalog) {
        return new ApisEndpoint(catalog).routes();
    }

    @Bean
    RouterFunction<ServerResponse> projectsRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.PROJECT).routes();
    }

    @Bean
    RouterFunction<ServerResponse> usersRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.USER).routes();
    }
}
