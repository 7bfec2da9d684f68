package dev.postern.console;

import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The overview, the gates and the audit log. */
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
                .GET(ROOT + "/gates", this::gates).GET(ROOT + "/audit", this::audit);
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
}
