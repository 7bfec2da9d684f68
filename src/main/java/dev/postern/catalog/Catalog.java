package dev.postern.catalog;

import dev.postern.access.AccessDecision;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.RequestTarget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All operations of all APIs, compiled into one matcher. Matching a request takes as many steps as its path has
 * segments, however many operations there are. Immutable.
 */
public final class Catalog {
    /**
     * The order of the catalogue's routes. They come before a route of the operator unless that route has this order or
     * a lower one.
     */
    public static final int ROUTE_ORDER = -1000;

    private final Map<ApiId, Api> apis;
    private final OperationTree operations;

    Catalog(Map<ApiId, Api> apis, OperationTree operations) {
        this.apis = apis;
        this.operations = operations;
    }

    /**
     * An API of the catalogue.
     *
     * @param id         the ID that rules and scopes use
     * @param name       display name
     * @param backend    address of its own or the common backend; empty if neither is configured
     * @param operations its operations, each a method and a path template as configured
     * @param definition its configuration
     */
    public record Api(ApiId id, String name, Optional<BackendAddress> backend, List<String> operations,
            ApiDefinition definition) {}

    /**
     * @param common the backend of each API that does not name its own
     * @throws CatalogException if a definition is wrong; the message names the setting
     */
    public static Catalog compile(Map<String, ApiDefinition> definitions, Optional<BackendAddress> common) {
        return new CatalogCompiler(common).compile(definitions);
    }

    /** A catalogue whose APIs share no backend. */
    public static Catalog compile(Map<String, ApiDefinition> definitions) {
        return compile(definitions, Optional.empty());
    }

    /** The APIs in the order of the configuration. */
    public List<Api> apis() {
        return List.copyOf(apis.values());
    }

    /** The API with this ID; null if there is none. */
    public @Nullable Api find(ApiId id) {
        return apis.get(id);
    }

    /** Whether there is an API with this ID. */
    public boolean has(ApiId id) {
        return apis.containsKey(id);
    }

    /**
     * Finds the operation of a request and reads its IDs, or says why that is impossible.
     *
     * @param method  the HTTP method
     * @param parsed  the request target
     * @param headers returns all values of a header
     */
    public Reading read(String method, RequestTarget.Parsed parsed, Function<String, List<String>> headers) {
        return switch (parsed) {
            case RequestTarget.Parsed.Ambiguous(var detail) -> Reading.Refused.because(DenyReason.REQUEST_AMBIGUOUS,
                    detail);
            case RequestTarget.Parsed.Clear(var target) -> read(method, target, headers);
        };
    }

    private Reading read(String method, RequestTarget target, Function<String, List<String>> headers) {
        List<Operation> candidates = operations.find(target.segments());
        if (candidates.isEmpty()) {
            return Reading.Refused.because(DenyReason.OPERATION_UNKNOWN, DenyReason.OPERATION_UNKNOWN.text());
        }
        Optional<Action> action = Action.ofMethod(method);
        for (Operation operation : candidates) {
            if (action.isPresent() && operation.takes(method)) {
                return operation.read(action.get(), target.segments(), target, headers);
            }
        }
        Set<String> allowed = new TreeSet<>();
        candidates.forEach(operation -> allowed.addAll(operation.methods()));
        return new Reading.Refused(new AccessDecision.Denied(DenyReason.METHOD_UNKNOWN,
                "This path supports " + String.join(", ", allowed) + "."), Set.copyOf(allowed));
    }
}
