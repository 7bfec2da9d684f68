package dev.postern;

import dev.postern.catalog.Catalog;
import dev.postern.console.PublicPages;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.Environment;

/** What the key holder's page on the public port would hide: calls with the same paths. */
final class KeyHolderPaths {
    private static final Logger LOG = LoggerFactory.getLogger(KeyHolderPaths.class);
    private static final String SETTING = "postern.console.key-holder-page-on-public-port";
    private static final String PATH = "Path";

    private KeyHolderPaths() {}

    /**
     * Logs the calls whose first ID must not be {@code me}, because the page has these paths.
     *
     * @throws IllegalStateException if a call of the catalogue or a route begins with the path of the page, or if there
     *     is no management port, which the page needs
     */
    static void requireFree(Catalog catalog, List<RouteDefinition> routes, Environment environment) {
        if (environment.getProperty("management.server.port", "").strip().startsWith("-")) {
            throw new IllegalStateException(SETTING + " needs a management port: set management.server.port");
        }
        catalog.apis().forEach(KeyHolderPaths::requireFree);
        for (RouteDefinition route : routes) {
            if (route.getPredicates().stream().anyMatch(KeyHolderPaths::isOfPage)) {
                throw new IllegalStateException(SETTING + " takes the paths of the route " + route.getId()
                        + " in spring.cloud.gateway.server.webflux.routes: nobody could call it");
            }
        }
    }

    private static void requireFree(Catalog.Api api) {
        Set<String> paths = api.operations().stream()
                .map(operation -> operation.substring(operation.indexOf('/')))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (String path : paths) {
            String first = first(path);
            if (PublicPages.firstSegment().equals(first)) {
                throw new IllegalStateException(SETTING + " takes the path " + path + " of postern.apis." + api.id()
                        + ": nobody could call it");
            }
            if (first.startsWith("{")) {
                LOG.warn("{} of postern.apis.{} cannot be called with 'me' as its first ID:"
                        + " the key holder's page is there", path, api.id());
            }
        }
    }

    private static boolean isOfPage(PredicateDefinition predicate) {
        return PATH.equals(predicate.getName())
                && predicate.getArgs().values().stream().anyMatch(KeyHolderPaths::isOfPage);
    }

    private static boolean isOfPage(String pattern) {
        return pattern.startsWith("/") && PublicPages.firstSegment().equals(first(pattern));
    }

    private static String first(String path) {
        return path.substring(1).split("/", 2)[0];
    }
}
