package dev.postern.console;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The page that asks for the master key. */
record KeyHolderSignInPage(Templates templates) {
    /**
     * Shows it.
     *
     * @param destination where to go after signing in
     * @param error       the key of the text that says what went wrong; empty if nothing did
     * @param ended       the key of the text that says why the session has ended; empty if there was no session
     */
    Mono<ServerResponse> show(ServerRequest request, HttpStatus status, SignInPages.Destination destination,
            String error, String ended) {
        return templates.page(status, Language.of(request), "key-holder-sign-in", Map.of("next", destination.next(),
                "kept", destination.kept(), "error", error, "ended", ended));
    }
}
