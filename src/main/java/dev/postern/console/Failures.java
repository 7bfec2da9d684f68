package dev.postern.console;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The page that says what went wrong. */
final class Failures {
    private Failures() {}

    /**
     * @param message the key of the text that says what went wrong
     * @param detail  what the gate says about it; may be empty
     */
    static Mono<ServerResponse> page(Templates templates, Language language, HttpStatus status, String message,
            String detail) {
        return templates.page(status, language, "failure", Map.of("message", message, "detail", detail));
    }
}
