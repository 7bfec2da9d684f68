package dev.postern.console;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Keeps what somebody typed into a form that could not be handled: the session had ended, or Redis was not available.
 * The answer is a page with the form in hidden fields, whose button asks for the form again; nothing is saved without
 * another press of the form's own button.
 */
final class Kept {
    /** Longer forms are not kept: they would have to be sent again with the password. */
    private static final int MAX_LENGTH = 128 * 1024;

    private Kept() {}

    /** Whether this is a form of the console that was sent by a page of the console. */
    static boolean isForm(ServerRequest request) {
        return request.method().equals(HttpMethod.POST) && SignInPages.isFromHere(request)
                && request.headers().contentType().filter(MediaType.APPLICATION_FORM_URLENCODED::isCompatibleWith)
                        .isPresent();
    }

    /** What was typed, to be sent with the password; empty if there is nothing to keep. */
    static Mono<String> typed(ServerRequest request) {
        return isForm(request)
                ? Forms.read(request).map(Forms.Fields::encoded).filter(text -> text.length() <= MAX_LENGTH)
                        .onErrorReturn("").defaultIfEmpty("")
                : Mono.just("");
    }

    /**
     * The page with the form.
     *
     * @param to      the path that the form was sent to
     * @param csrf    of the session
     * @param message the key of the text that says what happened
     * @param button  the key of the text of the button
     */
    static Mono<ServerResponse> page(Templates templates, ServerRequest request, HttpStatus status, Forms.Fields form,
            String to, String csrf, String message, String button) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("fields", form.typed());
        model.put("to", to);
        model.put("token", csrf);
        model.put("message", message);
        model.put("button", button);
        model.put("secret", form.hasSecret());
        return templates.page(status, Language.of(request), "kept", model);
    }
}
