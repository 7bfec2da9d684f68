package dev.postern.management;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Checks a call against the declaration of its operation before its handler runs. */
final class CheckedCall implements HandlerFunction<ServerResponse> {
    private final Operation operation;
    private final HandlerFunction<ServerResponse> call;
    private final List<String> parameters;

    CheckedCall(Operation operation, HandlerFunction<ServerResponse> call) {
        this.operation = operation;
        this.call = call;
        List<String> names = new ArrayList<>(operation.parameters().stream().map(Parameter::name).toList());
        if (!operation.reads()) {
            names.add(ReceiptFilter.MEMBER);
        }
        this.parameters = List.copyOf(names);
    }

    @Override
    public Mono<ServerResponse> handle(ServerRequest request) {
        operation.serve(request.attributes());
        checkParameters(request);
        return call.handle(request);
    }

    private void checkParameters(ServerRequest request) {
        if (!parameters.containsAll(request.queryParams().keySet())) {
            // Its name is not quoted: it may be a misplaced secret.
            throw JsonInput.invalid(parameters.isEmpty()
                    ? "This call has no query parameters."
                    : "The query has an unknown parameter; allowed are " + String.join(", ", parameters) + ".");
        }
    }
}
