package dev.postern.management;

import dev.postern.account.DeviceGroups;
import dev.postern.catalog.Catalog;
import dev.postern.inbound.ClientPipeline;
import dev.postern.inbound.ClientTraffic;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.Drain;
import dev.postern.inbound.InboundBounds;
import dev.postern.inbound.ServerEventLoops;
import dev.postern.store.AccountWork;
import dev.postern.store.UnreadableRecords;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Puts the management API on the management port. Spring Boot loads this class only into the context of that port, so
 * nothing in it can be reached on the public port.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@Import({CallerConfiguration.class, AccountRoutesConfiguration.class, CredentialRoutesConfiguration.class,
        DecisionRoutesConfiguration.class, DeviceRoutesConfiguration.class, CallConfiguration.class})
public class ManagementConfiguration {
    private static final int EVENT_LOOPS = 2;

    /**
     * The management port has its own event loops, because it reads and writes large bodies that would delay public
     * calls.
     */
    @Bean
    ReactorResourceFactory managementEventLoops() {
        return ServerEventLoops.create("postern-management", EVENT_LOOPS);
    }

    /** Without this, Spring Boot would use the event loops that the whole process shares. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ownEventLoops(
            ReactorResourceFactory managementEventLoops) {
        return factory -> factory.setResourceFactory(managementEventLoops);
    }

    @Bean
    ListTurnFilter listTurns(AccountWork work) {
        return new ListTurnFilter(work);
    }

    /** The last route. Without it, a path without a route here would be looked up among those of the public port. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    RouterFunction<ServerResponse> nothingElse() {
        return RouterFunctions.route(RequestPredicates.path("/api/v1/**"), _ -> Mono.error(
                new ProblemException(Problem.NOT_FOUND, "Nothing is at this path.")));
    }

    @Bean
    Drain managementDrain(Environment environment) {
        return Drain.of(environment);
    }

    @Bean
    InvalidRequestCustomizer refusedOperations() {
        return new InvalidRequestCustomizer();
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> operatorPipeline(
            @Qualifier("managementDrain") Drain drain, Environment environment) {
        return factory -> factory.addServerCustomizers(
                new ClientPipeline(InboundBounds.of(environment), CorsSettings.NONE, drain, new ClientTraffic(), null,
                        false));
    }

    @Bean
    ManagementErrors managementErrors(UnreadableRecords unreadable) {
        return new ManagementErrors(unreadable);
    }

    @Bean
    References references(Supplier<Catalog> catalog, DeviceGroups groups) {
        return new References(catalog, groups);
    }
}
