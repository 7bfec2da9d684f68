package dev.postern.console;

import java.net.URI;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The overview, the accounts, the gates, the audit log and the operators. */
final class HomePages {
    private static final String ROOT = ConsoleFilter.ROOT;

    private final Api api;
    private final Templates templates;

    HomePages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(ROOT + "/", this::overview).GET(ROOT + "/overview.json", this::overviewJson)
                .GET(ROOT + "/accounts", this::accounts).POST(ROOT + "/accounts", this::createAccount)
                .GET(ROOT + "/accounts/{account}", this::account).GET(ROOT + "/gates", this::gates)
                .GET(ROOT + "/audit", this::audit).GET(ROOT + "/operators", this::operators)
                .POST(ROOT + "/operators", this::createOperator)
                .POST(ROOT + "/operators/{name}/delete", this::deleteOperator);
    }

    private Page page(ServerRequest request, String template, String active) {
        return Page.of(templates, request, template).with("active", active);
    }

    private Mono<ServerResponse> overview(ServerRequest request) {
        return api.get(request, "/api/v1/accounts?per_page=1").flatMap(accounts -> api.get(request, "/api/v1/overview")
                .flatMap(overview -> page(request, "overview", "overview").with("overview", overview)
                        .with("empty", ((Number) accounts.getOrDefault("total_count", 0)).intValue() == 0).show()));
    }

    private Mono<ServerResponse> overviewJson(ServerRequest request) {
        return api.download(request, "/api/v1/overview");
    }

    private Mono<ServerResponse> accounts(ServerRequest request) {
        return accounts(request, "", "", "", HttpStatus.OK);
    }

    private Mono<ServerResponse> accounts(ServerRequest request, String id, String name, String error,
            HttpStatus status) {
        int number = request.queryParam("page").filter(text -> text.matches("[1-9][0-9]{0,6}")).map(Integer::parseInt)
                .orElse(1);
        return api.get(request, "/api/v1/accounts?per_page=20&page=" + number).flatMap(found -> {
            int total = ((Number) found.getOrDefault("total_count", 0)).intValue();
            return page(request, "accounts", "accounts").with("rows", Api.list(found, "accounts"))
                    .with("page", number).with("pages", Math.max(1, (total + 19) / 20)).with("total", total)
                    .with("id", id).with("name", name).with("error", error).show(status);
        });
    }

    private Mono<ServerResponse> createAccount(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? accounts(request, form.get("id"), form.get("name"), "", HttpStatus.OK)
                : api.send(request, HttpMethod.POST, "/api/v1/accounts",
                        Api.object().put("id", form.get("id").strip()).put("name", form.get("name").strip()))
                        .flatMap(created -> page(request, "account-created", "accounts").with("one", created)
                                .show(HttpStatus.CREATED))
                        .onErrorResume(Api.RefusedException.class, refused -> accounts(request, form.get("id"),
                                form.get("name"), refused.detail(), HttpStatus.valueOf(refused.status()))));
    }

    private Mono<ServerResponse> account(ServerRequest request) {
        String account = request.pathVariable("account");
        return api.get(request, Api.path(account)).flatMap(one -> api.get(request, Api.path(account, "license"))
                .flatMap(license -> page(request, "account", "account").with("one", one).with("license", license)
                        .with("account", account).show()));
    }

    private Mono<ServerResponse> gates(ServerRequest request) {
        return api.get(request, "/api/v1/gates")
                .flatMap(found -> page(request, "gates", "gates").with("rows", Api.list(found, "gates")).show());
    }

    private Mono<ServerResponse> audit(ServerRequest request) {
        String account = request.queryParam("account").orElse("").strip();
        String actor = request.queryParam("actor").orElse("").strip();
        String before = request.queryParam("before").filter(text -> text.matches("[1-9][0-9]{0,14}")).orElse("");
        String query = "?limit=50" + (account.isEmpty() ? "" : "&account=" + Api.segment(account))
                + (actor.isEmpty() ? "" : "&actor=" + Api.segment(actor))
                + (before.isEmpty() ? "" : "&before=" + before);
        return api.get(request, "/api/v1/audit" + query).flatMap(found -> api.get(request, "/api/v1/audit/verify")
                .flatMap(chain -> page(request, "audit", "audit").with("rows", Api.list(found, "changes"))
                        .with("next", String.valueOf(found.getOrDefault("next_before", ""))).with("chain", chain)
                        .with("filterAccount", account).with("actor", actor).show()));
    }

    private Mono<ServerResponse> operators(ServerRequest request) {
        return operators(request, "", "", HttpStatus.OK);
    }

    private Mono<ServerResponse> operators(ServerRequest request, String name, String error, HttpStatus status) {
        return api.get(request, "/api/v1/operators").flatMap(found -> page(request, "operators", "operators")
                .with("rows", Api.list(found, "operators")).with("name", name).with("error", error).show(status));
    }

    private Mono<ServerResponse> createOperator(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? operators(request, form.get("name"), "", HttpStatus.OK)
                : api.send(request, HttpMethod.POST, "/api/v1/operators",
                        Api.object().put("name", form.get("name").strip()).put("role", form.get("role"))
                                .put("password", form.get("password")))
                        .flatMap(_ -> ServerResponse.seeOther(URI.create(ROOT + "/operators")).build())
                        .onErrorResume(Api.RefusedException.class, refused -> operators(request, form.get("name"),
                                refused.detail(), HttpStatus.valueOf(refused.status()))));
    }

    private Mono<ServerResponse> deleteOperator(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? Mono.empty()
                : api.delete(request, "/api/v1/operators/" + Api.segment(request.pathVariable("name"))))
                .then(ServerResponse.seeOther(URI.create(ROOT + "/operators")).build());
    }
}
