package dev.postern.console;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Tells, when somebody leaves the field of a name, whether another token has the name. */
final class NamePages {
    private final Api api;
    private final Templates templates;

    NamePages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        // POST, because a name that does not fit may be longer than an address can be.
        routes.POST(ConsoleFilter.ROOT + "/accounts/{account}/token-name",
                request -> Forms.read(request).flatMap(form -> check(request, form)));
    }

    private Mono<ServerResponse> check(ServerRequest request, Forms.Fields form) {
        String account = request.pathVariable("account");
        String name = form.get("name").strip();
        String id = form.get("id");
        if (name.isEmpty()) {
            return ServerResponse.ok().build();
        }
        return api.get(request, Api.path(account, "token-names") + "?name=" + Api.segment(name))
                .flatMap(found -> {
                    boolean own = !id.isEmpty() && id.equals(found.get("id"));
                    boolean free = own || Boolean.TRUE.equals(found.get("available"));
                    return show(request, free ? "name.free" : "name.taken", free, "");
                })
                .onErrorResume(Api.RefusedException.class,
                        refused -> refused.status() == HttpStatus.BAD_REQUEST.value()
                                ? show(request, "name.unfit", false, refused.detail())
                                : Mono.error(refused));
    }

    private Mono<ServerResponse> show(ServerRequest request, String message, boolean good, String detail) {
        return templates.page(HttpStatus.OK, Language.of(request), "name-check",
                Map.of("message", message, "good", good, "detail", detail));
    }
}
