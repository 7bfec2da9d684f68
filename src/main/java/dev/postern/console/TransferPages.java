package dev.postern.console;

import dev.postern.operator.Role;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Exports and imports one account, or all. A script sends a file as the body of a call, so that it can be of any size;
 * without scripts, a document is sent as a form.
 */
final class TransferPages {
    private static final String ALL = ConsoleFilter.ROOT + "/transfer";
    private static final String ONE = ConsoleFilter.ROOT + "/accounts/{account}/transfer";
    private static final List<String> MODES = List.of("diff", "dry_run", "apply", "sync");
    /** What is typed to confirm a synchronization of all accounts. That of one is confirmed with its ID. */
    private static final String EVERY = "all accounts";

    private final Api api;
    private final Templates templates;

    TransferPages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        for (String path : List.of(ALL, ONE)) {
            routes.GET(path, forAdmins(request -> page(request, "diff", "").show()))
                    .GET(path + "/export", forAdmins(request -> api.stream(request, api(request, "export"))))
                    .POST(path, forAdmins(this::importForm)).POST(path + "/document", forAdmins(this::importDocument));
        }
    }

    private HandlerFunction<ServerResponse> forAdmins(HandlerFunction<ServerResponse> handler) {
        return Failures.unless(Role.ADMIN, templates, handler);
    }

    private static String account(ServerRequest request) {
        return request.pathVariables().getOrDefault("account", "");
    }

    private static String api(ServerRequest request, String call) {
        String account = account(request);
        return account.isEmpty() ? "/api/v1/" + call : Api.path(account, call);
    }

    private static String confirmation(ServerRequest request) {
        String account = account(request);
        return account.isEmpty() ? EVERY : account;
    }

    private Page page(ServerRequest request, String mode, String document) {
        String account = account(request);
        return Page.of(templates, request, "transfer").with("account", account).with("active", "accounts")
                .with("self", account.isEmpty()
                        ? ALL
                        : ALL.replace("/transfer", "/accounts/" + Api.segment(account)
                                + "/transfer"))
                .with("confirmation", confirmation(request)).with("modes", MODES).with("mode", mode)
                .with("document", document).with("tally", Map.of()).with("refusal", "");
    }

    private Mono<ServerResponse> importForm(ServerRequest request) {
        return Forms.read(request).flatMap(form -> {
            String document = form.get("document");
            Page page = page(request, form.getOrDefault("mode", "diff"), document);
            return form.isStep() || document.isBlank()
                    ? page.show()
                    : run(request, page, form.get("mode"), form.get("confirm"), Flux.defer(() -> Flux.just(
                            DefaultDataBufferFactory.sharedInstance.wrap(document.getBytes(StandardCharsets.UTF_8)))));
        });
    }

    /** The body is the document. */
    private Mono<ServerResponse> importDocument(ServerRequest request) {
        String mode = request.queryParam("mode").orElse("");
        return run(request, page(request, mode, ""), mode, request.queryParam("confirm").orElse(""),
                request.body(BodyExtractors.toDataBuffers()));
    }

    private Mono<ServerResponse> run(ServerRequest request, Page page, String mode, String confirmed,
            Flux<DataBuffer> document) {
        if (!MODES.contains(mode)) {
            return Failures.page(templates, request, HttpStatus.BAD_REQUEST, "failure.malformed", "");
        }
        if (mode.equals("sync") && !confirmed.equals(confirmation(request))) {
            return refuse(page, templates.text(Language.of(request), "transfer.mismatch", confirmation(request)),
                    HttpStatus.BAD_REQUEST);
        }
        String receipt = mode.equals("apply") || mode.equals("sync") ? "&receipt=true" : "";
        return api.upload(request, api(request, "import") + "?mode=" + mode + receipt, document)
                .flatMap(tally -> page.with("tally", tally).show())
                .onErrorResume(Api.RefusedException.class, refused -> refuse(page,
                        Optional.of(refused.detail()).filter(text -> !text.isEmpty()).orElse(refused.reason()),
                        HttpStatus.valueOf(refused.status())));
    }

    private static Mono<ServerResponse> refuse(Page page, String why, HttpStatus status) {
        return page.with("refusal", why).show(status);
    }
}
