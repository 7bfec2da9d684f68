package dev.postern.proxy;

import dev.postern.call.ForwardingSettings;
import dev.postern.inbound.ServerEventLoops;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.ReactorNetty;

/** The server of the public port: its event loops, its limits, and the refusals before the web framework. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {
    private static final int EVENT_LOOPS = Integer.getInteger(ReactorNetty.IO_WORKER_COUNT,
            Math.max(2, Runtime.getRuntime().availableProcessors()));

    /**
     * One event loop for each processor, and at least two. Reactor Netty's default of at least four makes a call a
     * tenth more expensive on two processors, because each loop finds less to do when it wakes up.
     */
    @Bean
    ReactorResourceFactory eventLoops() {
        return ServerEventLoops.create("postern", EVENT_LOOPS);
    }

    /** Limits the time between the bytes of a request, on the public port only. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> clientBounds(ForwardingSettings settings) {
        return factory -> factory.addServerCustomizers(server -> server.readTimeout(settings.idleTimeout()));
    }

    /** The route is looked up when the server starts: the meters do not exist yet when the server is configured. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> frontDoorFirst(ObjectProvider<FrontDoorRoute> route) {
        return factory -> factory.addRouteProviders(routes -> route.getObject().addTo(routes));
    }
}
