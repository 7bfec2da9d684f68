package dev.postern.inbound;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.env.Environment;

/** Adds the gate's handlers to the connections of the public port. */
@Configuration(proxyBeanMethods = false)
public class InboundConfiguration {
    @Bean
    Drain drain(Environment environment) {
        return Drain.of(environment);
    }

    @Bean
    DrainPause drainPause(DrainSettings settings, Drain drain, DefaultLifecycleProcessor lifecycle) {
        return new DrainPause(settings, drain, lifecycle);
    }

    @Bean
    ClientTraffic clientTraffic() {
        return new ClientTraffic();
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> clientPipeline(Drain drain, CorsSettings cors,
            ClientTraffic traffic, Environment environment, ObjectProvider<ConnectionLane> lane,
            ObjectProvider<AnswerWatch.Demand> demand) {
        // Both are looked up when the server starts: their parts do not exist yet when the server is configured.
        return factory -> factory.addServerCustomizers(server -> new ClientPipeline(InboundBounds.of(environment), cors,
                drain, traffic, lane.getIfAvailable(), demand.getObject().isThere()).apply(server));
    }

    @Bean
    CorsPreflights corsPreflights(CorsSettings settings) {
        return new CorsPreflights(settings);
    }
}
