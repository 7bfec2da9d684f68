package dev.postern.console;

import dev.postern.operator.Role;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The page that says what went wrong. */
final class Failures {
    private Failures() {}

    /**
     * @param message the key of the text that says what went wrong
     * @param detail  what the gate says about it; may be empty
     */
    static Mono<ServerResponse> page(Templates templates, ServerRequest request, HttpStatus status, String message,
            String detail) {
        return Visitor.isKnown(request)
                ? Page.of(templates, request, "failure").with("message", message).with("detail", detail).show(status)
                : templates.page(status, Language.of(request), "failure",
                        Map.of("message", message, "detail", detail));
    }

    /**
     * A page that only visitors with this role see. The API would refuse others, but they need not see the page first.
     */
    static HandlerFunction<ServerResponse> unless(Role least, Templates templates,
            HandlerFunction<ServerResponse> handler) {
        return request -> Visitor.of(request).caller().role().includes(least)
                ? handler.handle(request)
                : page(templates, request, HttpStatus.FORBIDDEN, "failure.role", "");
    }
}
