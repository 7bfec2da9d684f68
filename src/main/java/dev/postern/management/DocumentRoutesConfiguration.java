package dev.postern.management;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The route of the OpenAPI document. */
@Configuration(proxyBeanMethods = false)
class DocumentRoutesConfiguration {
    @Bean
    DocumentEndpoint documentEndpoint(ObjectProvider<RouterFunction<?>> routers) {
        return new DocumentEndpoint(routers);
    }

    @Bean
    RouterFunction<ServerResponse> documentRoutes(DocumentEndpoint endpoint) {
        return endpoint.routes();
    }
}
