package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.catalog.Catalog;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import java.util.function.Supplier;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/apis}: lists the APIs that tokens can be limited to. */
final class ApisEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Supplier<Catalog> catalog;

    ApisEndpoint(Supplier<Catalog> catalog) {
        this.catalog = catalog;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(Operation.get("/api/v1/apis", "listApis",
                "Lists the APIs of the catalogue, which credentials can be limited to.").in("Gates")
                .returns(Shape.object(required("apis", Shape.list(Shape.object(required("id", Shapes.ID, ""),
                        required("name", Shape.text(), ""),
                        required("operations", Shape.list(Shape.text()), "The method and path of each call."))), ""))),
                _ -> list()).build();
    }

    private Mono<ServerResponse> list() {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode apis = json.putArray("apis");
        for (Catalog.Api api : catalog.get().apis()) {
            ArrayNode operations = apis.addObject().put("id", api.id().value()).put("name", api.name())
                    .putArray("operations");
            api.operations().forEach(operations::add);
        }
        return Replies.ok(json);
    }
}
