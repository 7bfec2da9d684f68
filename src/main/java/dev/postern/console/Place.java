package dev.postern.console;

import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The resource that a path names.
 *
 * @param id of one resource; empty for all
 */
record Place(Site site, String account, Kind kind, String id) {
    /** Handles a request for a resource, or for all of a kind. */
    interface Step {
        Mono<ServerResponse> answer(ServerRequest request, Place place);
    }

    static HandlerFunction<ServerResponse> at(Templates templates, Step step) {
        return request -> of(templates.site(), request).map(place -> step.answer(request, place))
                .orElseGet(() -> Failures.page(templates, request, HttpStatus.NOT_FOUND, "failure.not-found", ""));
    }

    /** A key holder sees only the API keys of one account, so the path names neither account nor kind. */
    private static Optional<Place> of(Site site, ServerRequest request) {
        String id = request.pathVariables().getOrDefault("id", "");
        return switch (site) {
            case CONSOLE -> Kind.of(request.pathVariable("kind"))
                    .map(kind -> new Place(site, request.pathVariable("account"), kind, id));
            case KEY_HOLDER -> Optional.of(
                    new Place(site, Visitor.of(request).caller().accountId(), Kind.API_KEYS, id));
        };
    }

    String api() {
        return id.isEmpty() ? Api.path(account, kind.plural()) : Api.path(account, kind.plural(), id);
    }

    /** The path of the list that the resource is in. */
    String list() {
        return site.list(account, kind);
    }

    Page page(Templates templates, ServerRequest request, String template) {
        return Page.of(templates, request, template).with("kind", kind).with("account", account)
                .with("base", list()).with("form", site.form(account, kind)).with("active", kind.section());
    }
}
