package dev.postern.console;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Explains how a call would be decided. A pasted call may contain a secret, so no page shows it again: a script puts
 * the answer beside the form, and without JavaScript, the call has to be pasted again.
 */
final class ExplainPages {
    static final String PATH = ConsoleFilter.ROOT + "/explain";
    private static final String ACCOUNT = "account";
    private static final String CREDENTIAL_ID = "credential_id";
    /** The fields that are shown again. */
    private static final List<String> OPEN = List.of("of", CREDENTIAL_ID, "client_address", "user");

    private final Api api;
    private final Templates templates;

    ExplainPages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(PATH, this::empty).POST(PATH, this::explain);
    }

    private Mono<ServerResponse> empty(ServerRequest request) {
        Page page = page(request);
        OPEN.forEach(name -> page.with(name, request.queryParam(name).orElse("")));
        return page.show();
    }

    private Page page(ServerRequest request) {
        return Page.of(templates, request, "explain").with("active", "explain").with("answer", Map.of())
                .with("grant", Map.of()).with("rules", List.of()).with("editor", "").with("unread", "");
    }

    private Mono<ServerResponse> explain(ServerRequest request) {
        return Forms.read(request).flatMap(form -> {
            Page page = page(request);
            OPEN.forEach(name -> page.with(name, form.get(name)));
            if (form.isStep()) {
                return page.show();
            }
            Optional<ObjectNode> question;
            try {
                question = question(form);
            } catch (UnreadableCallException unreadable) {
                return page.with("unread", templates.text(Language.of(request), unreadable.key(),
                        unreadable.argument())).show(status(request, HttpStatus.BAD_REQUEST));
            }
            return question.map(known -> answer(request, page, known)).orElseGet(page::show);
        });
    }

    /** A script shows a page only if its status is not an error. */
    private static HttpStatus status(ServerRequest request, HttpStatus refused) {
        return request.headers().header("HX-Request").isEmpty() ? refused : HttpStatus.OK;
    }

    /** Empty if no call was pasted. */
    private static Optional<ObjectNode> question(Forms.Fields form) {
        String call = form.get("call");
        if (call.isBlank()) {
            return Optional.empty();
        }
        ObjectNode question = Api.object();
        PastedCall.read(call).putInto(question);
        String credential = form.get("credential").strip();
        if (!credential.isEmpty()) {
            question.put("credential", credential.replaceFirst("(?i)^Bearer\\s+", ""));
        }
        putIfGiven(question, ACCOUNT, form.get("of"));
        for (String name : List.of(CREDENTIAL_ID, "client_address", "user")) {
            putIfGiven(question, name, form.get(name));
        }
        return Optional.of(question);
    }

    private static void putIfGiven(ObjectNode question, String name, String text) {
        if (!text.isBlank()) {
            question.put(name, text.strip());
        }
    }

    private Mono<ServerResponse> answer(ServerRequest request, Page page, ObjectNode question) {
        return api.ask(request, "/api/v1/explain", question).flatMap(answer -> show(page, question, answer))
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() >= 500
                        ? Mono.error(refused)
                        : page.with("unread", refused.detail())
                                .show(status(request, HttpStatus.valueOf(refused.status()))));
    }

    private static Mono<ServerResponse> show(Page page, ObjectNode question, Map<String, Object> answer) {
        page.with("answer", answer).with("method", question.path("method").asString())
                .with("target", question.path("target").asString());
        if (answer.get("grant") instanceof Map<?, ?> grant) {
            Field field = grant.containsKey("permissions") ? Field.permissions() : Field.rules();
            page.with("grant", grant).with("rules", RuleRows.stored(field, grant.get(field.name())));
        }
        if (answer.get("credential") instanceof Map<?, ?> credential) {
            page.with("editor", editor(credential));
        }
        return page.show();
    }

    /** The page of the credential that the call uses, or that issued its token; empty if there is no such page. */
    private static String editor(Map<?, ?> credential) {
        String kind = String.valueOf(credential.get("kind"));
        return Kind.of(kind.equals("access-token") ? Kind.APPLICATIONS.plural() : kind + "s")
                .filter(_ -> credential.get("listed_id") != null)
                .map(known -> new Place(Site.CONSOLE, String.valueOf(credential.get(ACCOUNT)), known,
                        String.valueOf(credential.get("listed_id"))))
                .map(place -> place.list() + "/" + Api.segment(place.id())).orElse("");
    }
}
