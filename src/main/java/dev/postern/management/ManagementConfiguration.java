package dev.postern.management;

import dev.postern.account.DeviceGroups;
import dev.postern.catalog.Catalog;
import dev.postern.inbound.ClientPipeline;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.Drain;
import dev.postern.inbound.InboundBounds;
import dev.postern.store.AccountWork;
import dev.postern.store.Gates;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/**
 * Puts the management API on the management port. Spring Boot loads this class into the context of that port alone, which
 * is why nothing in it can be reached on the public one.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@Import({AccountRoutesConfiguration.class, CredentialRoutesConfiguration.class, DeviceRoutesConfiguration.class})
public class ManagementConfiguration {
    private static final int EVENT_LOOPS = 2;

    /** The management port does not share the event loops of the public one: what it reads and writes may be large. */
    @Bean
    ReactorResourceFactory managementEventLoops() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> LoopResources.create("postern-management", EVENT_LOOPS, true));
        return resources;
    }

    /** By itself, Spring Boot would take those that a whole process shares. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ownEventLoops(
            ReactorResourceFactory managementEventLoops) {
        return factory -> factory.setResourceFactory(managementEventLoops);
    }

    @Bean
    OperatorFilter operatorFilter(OperatorToken operatorToken) {
        return new OperatorFilter(operatorToken);
    }

    @Bean
    ListTurns listTurns(AccountWork work) {
        return new ListTurns(work);
    }

    @Bean
    Drain managementDrain(Environment environment) {
        return Drain.of(environment);
    }

    @Bean
    RefusedOperations refusedOperations() {
        return new RefusedOperations();
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> operatorPipeline(
            @Qualifier("managementDrain") Drain drain, Environment environment) {
        return factory -> factory.addServerCustomizers(
                new ClientPipeline(InboundBounds.of(environment), CorsSettings.NONE, drain));
    }

    @Bean
    Receipts receipts(Gates gates, Replication replication) {
        return new Receipts(gates, replication);
    }

    @Bean
    ManagementErrors managementErrors(UnreadableRecords unreadable) {
        return new ManagementErrors(unreadable);
    }

    @Bean
    References references(Catalog catalog, DeviceGroups groups) {
        return new References(catalog, groups);
    }
}
