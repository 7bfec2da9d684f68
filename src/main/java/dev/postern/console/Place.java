package dev.postern.console;

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
record Place(String account, Kind kind, String id) {
    static final String ALL = ConsoleFilter.ROOT + "/accounts/{account}/{kind}";
    /** The form for a new resource. It is beside the kinds: below them, it would hide the resource with this ID. */
    static final String NEW = ConsoleFilter.ROOT + "/accounts/{account}/new/{kind}";
    static final String ONE = ALL + "/{id}";

    /** Handles a request for a resource, or for all of a kind. */
    interface Step {
        Mono<ServerResponse> answer(ServerRequest request, Place place);
    }

    static HandlerFunction<ServerResponse> at(Templates templates, Step step) {
        return request -> Kind.of(request.pathVariable("kind"))
                .map(kind -> step.answer(request, new Place(request.pathVariable("account"), kind,
                        request.pathVariables().getOrDefault("id", ""))))
                .orElseGet(() -> Failures.page(templates, request, HttpStatus.NOT_FOUND,
                        "failure.not-found", ""));
    }

    String api() {
        return id.isEmpty() ? Api.path(account, kind.plural()) : Api.path(account, kind.plural(), id);
    }

    String console() {
        return ConsoleFilter.ROOT + "/accounts/" + Api.segment(account) + "/" + kind.plural();
    }

    Page page(Templates templates, ServerRequest request, String template) {
        return Page.of(templates, request, template).with("kind", kind).with("account", account)
                .with("base", console()).with("active", kind.section());
    }
}
