package dev.postern;

import dev.postern.call.Routing;
import dev.postern.console.ConsoleSettings;
import dev.postern.console.PublicPages;
import dev.postern.inbound.ClientAddresses;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Puts the key holder's page on the public port, where the operator has switched it on there. */
@Configuration(proxyBeanMethods = false)
class KeyHolderPageConfiguration {
    @Bean
    PublicPages publicPages() {
        return new PublicPages();
    }

    @Bean
    KeyHolderEndpoint keyHolderEndpoint(ConsoleSettings settings, PublicPages pages, ClientAddresses addresses,
            Routing routing, GatewayProperties gateway, Environment environment) {
        if (settings.keyHolderPageOnPublicPort()) {
            KeyHolderPaths.requireFree(routing.catalog(), gateway.getRoutes(), environment);
        }
        return new KeyHolderEndpoint(settings.keyHolderPageOnPublicPort(), pages, addresses);
    }
}
