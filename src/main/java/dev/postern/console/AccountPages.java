package dev.postern.console;

import dev.postern.operator.Role;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Lists, creates, shows and deletes accounts, and replaces their master keys. */
final class AccountPages {
    private static final String ALL = ConsoleFilter.ROOT + "/accounts";
    private static final String ONE = ALL + "/{account}";
    private static final int PER_PAGE = 20;

    private final Api api;
    private final Templates templates;

    AccountPages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(ALL, request -> list(request, "", "", Optional.empty())).POST(ALL, this::create)
                .GET(ONE, this::show)
                .GET(ONE + "/delete", forAdmins(request -> confirm(request, "delete", "")))
                .POST(ONE + "/delete", forAdmins(this::delete))
                .GET(ONE + "/master-key", forAdmins(request -> confirm(request, "master-key", "")))
                .POST(ONE + "/master-key", forAdmins(this::replaceMasterKey));
    }

    private HandlerFunction<ServerResponse> forAdmins(HandlerFunction<ServerResponse> handler) {
        return Failures.unless(Role.ADMIN, templates, handler);
    }

    private Page page(ServerRequest request, String template, String active) {
        return Page.of(templates, request, template).with("active", active);
    }

    private Mono<ServerResponse> list(ServerRequest request, String id, String name,
            Optional<Api.RefusedException> refused) {
        int number = request.queryParam("page").filter(text -> text.matches("[1-9][0-9]{0,6}")).map(Integer::parseInt)
                .orElse(1);
        return api.get(request, "/api/v1/accounts?per_page=" + PER_PAGE + "&page=" + number).flatMap(found -> {
            int total = ((Number) found.getOrDefault("total_count", 0)).intValue();
            return page(request, "accounts", "accounts").with("rows", Api.list(found, "accounts"))
                    .with("page", number).with("pages", Math.max(1, (total + PER_PAGE - 1) / PER_PAGE))
                    .with("total", total).with("id", id).with("name", name).refused(refused)
                    .show(refused.map(why -> HttpStatus.valueOf(why.status())).orElse(HttpStatus.OK));
        });
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? list(request, form.get("id"), form.get("name"), Optional.empty())
                : api.send(request, HttpMethod.POST, "/api/v1/accounts",
                        Api.object().put("id", form.get("id").strip()).put("name", form.get("name").strip()))
                        .flatMap(created -> page(request, "account-created", "accounts").with("one", created)
                                .with("heading", "account.created").show(HttpStatus.CREATED))
                        .onErrorResume(Api.RefusedException.class, refused -> list(request, form.get("id"),
                                form.get("name"), Optional.of(refused))));
    }

    private Mono<ServerResponse> show(ServerRequest request) {
        String account = request.pathVariable("account");
        return api.get(request, Api.path(account)).flatMap(one -> api.get(request, Api.path(account, "license"))
                .flatMap(license -> page(request, "account", "account").with("one", one).with("license", license)
                        .with("account", account).show()));
    }

    /**
     * Asks for the ID of the account before a change that cannot be undone.
     *
     * @param change the last segment of its path
     * @param error  why the change was not made; empty before the first try
     */
    private Mono<ServerResponse> confirm(ServerRequest request, String change, String error) {
        String account = request.pathVariable("account");
        return api.get(request, Api.path(account)).flatMap(_ -> page(request, "account-confirm", "account")
                .with("change", change).with("account", account).with("error", error)
                .show(error.isEmpty() ? HttpStatus.OK : HttpStatus.BAD_REQUEST));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        String account = request.pathVariable("account");
        return confirmed(request, "delete", api.delete(request, Api.path(account))
                .flatMap(_ -> page(request, "deleted", "accounts").with("name", account).with("base", ALL).show()));
    }

    private Mono<ServerResponse> replaceMasterKey(ServerRequest request) {
        String account = request.pathVariable("account");
        return confirmed(request, "master-key", api
                .send(request, HttpMethod.POST, Api.path(account, "master-key"), Api.object())
                .flatMap(changed -> page(request, "account-created", "account").with("account", account)
                        .with("one", changed).with("heading", "account.master-key.replaced").show()));
    }

    private Mono<ServerResponse> confirmed(ServerRequest request, String what, Mono<ServerResponse> change) {
        return Forms.read(request).flatMap(form -> {
            if (form.isStep()) {
                return confirm(request, what, "");
            }
            return form.get("id").equals(request.pathVariable("account"))
                    ? change
                    : confirm(request, what, templates.text(Language.of(request), "account.mismatch"));
        });
    }
}
