package dev.postern.proxy;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** The server of the public port: its event loops, its bounds, and the refusals before the web framework. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {
    /** Event loops of this gate alone: the ones that all of a process share end with the first that closes. */
    @Bean
    ReactorResourceFactory eventLoops() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> LoopResources.create("postern"));
        return resources;
    }

    /** A bound on the silence within a request, for the public port only. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> clientBounds(ForwardingSettings settings) {
        return factory -> factory.addServerCustomizers(server -> server.readTimeout(settings.idleTimeout()));
    }

    /** Asked for when the server starts, and not when it is configured, which is before there are any meters. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> refuseEarly(ObjectProvider<EarlyRefusals> refusals) {
        return factory -> factory.addRouteProviders(routes -> refusals.getObject().route(routes));
    }
}
