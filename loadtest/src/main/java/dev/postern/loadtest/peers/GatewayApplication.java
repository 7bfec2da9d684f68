package dev.postern.loadtest.peers;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;

/** Spring Cloud Gateway as its documentation sets it up: one route, and as an option {@link TokenCheck}. */
@SpringBootApplication
public class GatewayApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(GatewayApplication.class, arguments);
    }

    @Bean
    RouteLocator routes(RouteLocatorBuilder builder, @Value("${backend}") String backend) {
        return builder.routes().route("api", route -> route.path("/**").uri(backend)).build();
    }
}
