package dev.postern.console;

import dev.postern.audit.Actor;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** The operators, and the visitor's own password. */
final class OperatorPages {
    private static final String ALL = ConsoleFilter.ROOT + "/operators";
    private static final String ONE = ALL + "/{name}";
    private static final String OWN_PASSWORD = ConsoleFilter.ROOT + "/password";
    private static final String API = "/api/v1/operators";
    private static final int NOT_FOUND = 404;

    private final Api api;
    private final Templates templates;

    OperatorPages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(ALL, request -> list(request, "", Optional.empty())).POST(ALL, this::create)
                .GET(ONE, request -> show(request, Optional.empty(), Optional.empty(), "")).POST(ONE, this::replace)
                .POST(ONE + "/password", this::setPassword).POST(ONE + "/delete", this::delete)
                .GET(OWN_PASSWORD, request -> ownPassword(request, Optional.empty()))
                .POST(OWN_PASSWORD, this::setOwnPassword);
    }

    private Page page(ServerRequest request, String template) {
        return Page.of(templates, request, template).with("active", "operators");
    }

    private static String api(String name) {
        return API + "/" + Api.segment(name);
    }

    private static HttpStatus status(Optional<Api.RefusedException> refused) {
        return refused.map(why -> HttpStatus.valueOf(why.status())).orElse(HttpStatus.OK);
    }

    private static Mono<ServerResponse> redirect(String path) {
        return ServerResponse.seeOther(URI.create(path)).build();
    }

    private Mono<ServerResponse> list(ServerRequest request, String name, Optional<Api.RefusedException> refused) {
        return api.get(request, API).flatMap(found -> page(request, "operators")
                .with("rows", Api.list(found, "operators")).with("name", name).refused(refused)
                .show(status(refused)));
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? list(request, form.get("name"), Optional.empty())
                : api.send(request, HttpMethod.POST, API,
                        Api.object().put("name", form.get("name").strip()).put("role", form.get("role"))
                                .put("password", form.get("password")))
                        .flatMap(_ -> redirect(ALL))
                        .onErrorResume(Api.RefusedException.class,
                                refused -> list(request, form.get("name"), Optional.of(refused))));
    }

    /**
     * Shows an operator.
     *
     * @param form what was typed, shown in place of the present role and state
     * @param done the key of what was done; empty if nothing was
     */
    private Mono<ServerResponse> show(ServerRequest request, Optional<Forms.Fields> form,
            Optional<Api.RefusedException> refused, String done) {
        return api.getTagged(request, api(request.pathVariable("name"))).flatMap(one -> {
            Map<String, Object> now = one.resource();
            return page(request, "operator").with("one", now).with("tag", one.tag()).with("done", done)
                    .with("of", form.map(typed -> typed.get("role")).orElse(String.valueOf(now.get("role"))))
                    .with("enabled", form.map(typed -> typed.get("enabled").equals("true"))
                            .orElse(Boolean.TRUE.equals(now.get("enabled"))))
                    .refused(refused).show(status(refused));
        });
    }

    private Mono<ServerResponse> replace(ServerRequest request) {
        return Forms.read(request).flatMap(form -> {
            ObjectNode json = Api.object().put("role", form.get("role")).put("enabled",
                    form.get("enabled").equals("true"));
            return form.isStep()
                    ? show(request, Optional.of(form), Optional.empty(), "")
                    : api.replace(request, api(request.pathVariable("name")), form.get("etag"), json)
                            .flatMap(_ -> show(request, Optional.empty(), Optional.empty(), "changed"))
                            .onErrorResume(Api.RefusedException.class,
                                    refused -> again(request, Optional.of(form), refused));
        });
    }

    private Mono<ServerResponse> again(ServerRequest request, Optional<Forms.Fields> form,
            Api.RefusedException refused) {
        return refused.status() == NOT_FOUND || refused.status() == HttpStatus.FORBIDDEN.value()
                ? Mono.error(refused)
                : show(request, form, Optional.of(refused), "");
    }

    private Mono<ServerResponse> setPassword(ServerRequest request) {
        String name = request.pathVariable("name");
        return Forms.read(request).flatMap(form -> form.isStep()
                ? show(request, Optional.empty(), Optional.empty(), "")
                : setPassword(request, name, form)
                        .flatMap(_ -> name.equals(Visitor.of(request).name())
                                ? redirect(Site.CONSOLE.signIn())
                                : show(request, Optional.empty(), Optional.empty(), "operator.password-set"))
                        .onErrorResume(Api.RefusedException.class,
                                refused -> again(request, Optional.empty(), refused)));
    }

    private Mono<Map<String, Object>> setPassword(ServerRequest request, String name, Forms.Fields form) {
        return api.replace(request, api(name) + "/password", "",
                Api.object().put("password", form.get("password")));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? Mono.empty()
                : api.delete(request, api(request.pathVariable("name")))).then(redirect(ALL));
    }

    private Mono<ServerResponse> ownPassword(ServerRequest request, Optional<Api.RefusedException> refused) {
        Actor.Kind kind = Visitor.of(request).caller().actor().kind();
        return page(request, "password").with("active", "password").with("local", kind == Actor.Kind.OPERATOR)
                .refused(refused).show(status(refused));
    }

    /** A new password ends all sessions of the operator, also this one. */
    private Mono<ServerResponse> setOwnPassword(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? ownPassword(request, Optional.empty())
                : setPassword(request, Visitor.of(request).name(), form)
                        .flatMap(_ -> redirect(Site.CONSOLE.signIn()))
                        .onErrorResume(Api.RefusedException.class,
                                refused -> ownPassword(request, Optional.of(refused))));
    }
}
