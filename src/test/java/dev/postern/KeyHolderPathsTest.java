package dev.postern;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.catalog.ApiDefinition;
import dev.postern.catalog.Catalog;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** What stops the start when the key holder's page is on the public port. */
class KeyHolderPathsTest {
    private static Catalog catalog(String call) {
        return Catalog
                .compile(new Binder(new MapConfigurationPropertySource(Map.of("apis.mine.operations[0].call", call)))
                        .bind("apis", Bindable.mapOf(String.class, ApiDefinition.class)).get());
    }

    private static RouteDefinition route(String predicate) {
        RouteDefinition route = new RouteDefinition();
        route.setId("mine");
        route.setUri(URI.create("http://backend.test"));
        route.setPredicates(List.of(new PredicateDefinition(predicate)));
        return route;
    }

    private static StandardEnvironment port(String port) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(
                new MapPropertySource("test", Map.of("management.server.port", port)));
        return environment;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /me", "GET,PUT /me/{device}", "POST /me/api-keys"})
    void isAnOperationWithTheSamePath(String call) {
        assertThatThrownBy(() -> KeyHolderPaths.requireFree(catalog(call), List.of(), port("8081")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("postern.console.key-holder-page-on-public-port takes the path /me")
                .hasMessageContaining("postern.apis.mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /mean/{device}", "GET /devices/me", "GET /{device}", "GET /{device}/me", "GET /ME"})
    void isNoOtherOperation(String call) {
        assertThatCode(() -> KeyHolderPaths.requireFree(catalog(call), List.of(), port("8081")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Path=/me", "Path=/me/**", "Path=/x,/me/{rest}"})
    void isARouteWithTheSamePath(String predicate) {
        assertThatThrownBy(
                () -> KeyHolderPaths.requireFree(catalog("GET /x"), List.of(route(predicate)), port("8081")))
                .hasMessageContaining("takes the paths of the route mine");
    }

    @Test
    void isNoOtherRoute() {
        assertThatCode(() -> KeyHolderPaths.requireFree(catalog("GET /x"),
                List.of(route("Path=/mean/**"), route("Path=/x/me"), route("Method=GET")), port("0")))
                .doesNotThrowAnyException();
    }

    @Test
    void isAManagementPortThatIsOff() {
        assertThatThrownBy(() -> KeyHolderPaths.requireFree(catalog("GET /x"), List.of(), port("-1")))
                .hasMessageContaining("needs a management port");
    }
}
