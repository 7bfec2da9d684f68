package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.management.contract.OpenApiDocument;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** {@code /v3/api-docs}: the OpenAPI document of the management API, made from its routes when the gate starts. */
final class DocumentEndpoint implements SmartInitializingSingleton {
    static final String PATH = "/v3/api-docs";
    private static final Map<String, Parameter> VARIABLES = Stream.of(
            new Parameter("account", Shapes.ID, "The ID of the account."),
            new Parameter("device", Shapes.ID, "The ID of the device."),
            new Parameter("receiver", Shapes.ID, "The account that the device is shared with."),
            new Parameter("authcode", Shape.text(), "The authcode."),
            new Parameter("change", Shape.text(), "The change, from its receipt."),
            new Parameter("name", Shape.text(), "The name of the operator."),
            new Parameter("id", Shape.text(), "The ID of the resource."))
            .collect(Collectors.toMap(Parameter::name, Function.identity()));
    private static final Shape PROBLEM = Shape.object(required("type", Shape.text(), "The reason as a URN."),
            required("title", Shape.text(), ""), required("status", Shape.whole(400, 599), ""),
            required("detail", Shape.text(), "A text for people that says what is wrong with this call."),
            required("reason", Shape.text(), "A word for programs."), required("request_id", Shape.text(), ""))
            .named("Problem");

    private final ObjectProvider<RouterFunction<?>> routers;
    private @Nullable String document;

    DocumentEndpoint(ObjectProvider<RouterFunction<?>> routers) {
        this.routers = routers;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(Operation.get(PATH, "getOpenApiDocument", "Shows this document.").in("Gates")
                .returns(Shape.anyObject()),
                _ -> ServerResponse.ok().contentType(MediaType.APPLICATION_JSON)
                        .cacheControl(CacheControl.noStore()).bodyValue(Objects.requireNonNull(document)))
                .build();
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<Operation> operations = new ArrayList<>();
        routers.stream().forEach(router -> router.accept(new OperationCollector(operations::add)));
        document = JsonMapper.shared().writerWithDefaultPrettyPrinter()
                .writeValueAsString(OpenApiDocument.of(operations, VARIABLES, PROBLEM)).replace("\r\n", "\n") + "\n";
    }
}
