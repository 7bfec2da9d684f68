package dev.postern.console;

import dev.postern.operator.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** The authcodes of a hardware application, with which its terminals are admitted. */
final class AuthcodePages {
    private static final String PATH = ConsoleFilter.ROOT + "/accounts/{account}/applications/{id}/authcodes";
    private static final int PER_PAGE = 50;
    private static final int NOT_FOUND = 404;

    private final Api api;
    private final Templates templates;

    AuthcodePages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(PATH, request -> show(request, Typed.NOTHING)).POST(PATH, forEditors(this::create))
                .POST(PATH + "/delete", forEditors(this::delete));
    }

    private HandlerFunction<ServerResponse> forEditors(HandlerFunction<ServerResponse> handler) {
        return Failures.unless(Role.EDITOR, templates, handler);
    }

    /**
     * What was typed into the form, and the result.
     *
     * @param made    the new authcodes
     * @param refused why there are none
     */
    private record Typed(String count, String terminals, String days, List<Map<String, Object>> made,
            Optional<Api.RefusedException> refused) {
        static final Typed NOTHING = new Typed("1", "1", "", List.of(), Optional.empty());

        static Typed of(Forms.Fields form) {
            return new Typed(form.get("count"), form.get("terminals"), form.get("valid_days"), List.of(),
                    Optional.empty());
        }

        Typed made(List<Map<String, Object>> codes) {
            return new Typed(count, terminals, days, codes, refused);
        }

        Typed refused(Api.RefusedException why) {
            return new Typed(count, terminals, days, made, Optional.of(why));
        }

        HttpStatus status() {
            return refused.map(why -> HttpStatus.valueOf(why.status()))
                    .orElse(made.isEmpty() ? HttpStatus.OK : HttpStatus.CREATED);
        }
    }

    private static String application(ServerRequest request) {
        return Api.path(request.pathVariable("account"), "applications", request.pathVariable("id"));
    }

    private static String page(ServerRequest request) {
        return ConsoleFilter.ROOT + "/accounts/" + Api.segment(request.pathVariable("account")) + "/applications/"
                + Api.segment(request.pathVariable("id"));
    }

    private Page page(ServerRequest request, String template) {
        return Page.of(templates, request, template).with("account", request.pathVariable("account"))
                .with("active", Kind.APPLICATIONS.section()).with("application", page(request));
    }

    private Mono<ServerResponse> show(ServerRequest request, Typed typed) {
        int number = request.queryParam("page").filter(text -> text.matches("[1-9][0-9]{0,6}")).map(Integer::parseInt)
                .orElse(1);
        return api.get(request, application(request))
                .flatMap(one -> api
                        .get(request, application(request) + "/authcodes?per_page=" + PER_PAGE + "&page=" + number)
                        .flatMap(found -> {
                            int total = ((Number) found.getOrDefault("total_count", 0)).intValue();
                            return page(request, "authcodes").with("one", one)
                                    .with("rows", Api.list(found, "authcodes")).with("page", number)
                                    .with("pages", Math.max(1, (total + PER_PAGE - 1) / PER_PAGE))
                                    .with("total", total).with("count", typed.count())
                                    .with("terminals", typed.terminals()).with("days", typed.days())
                                    .with("made", typed.made()).refused(typed.refused()).show(typed.status());
                        }));
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? show(request, Typed.of(form))
                : api.send(request, HttpMethod.POST, application(request) + "/authcodes", json(form))
                        .flatMap(made -> show(request, Typed.NOTHING.made(Api.list(made, "authcodes"))))
                        .onErrorResume(Api.RefusedException.class, refused -> refused.status() == NOT_FOUND
                                ? Mono.error(refused)
                                : show(request, Typed.of(form).refused(refused))));
    }

    private static ObjectNode json(Forms.Fields form) {
        ObjectNode json = Api.object();
        putNumber(json, "count", form.get("count").strip());
        putNumber(json, "terminals", form.get("terminals").strip());
        if (!form.get("valid_days").isBlank()) {
            putNumber(json, "valid_days", form.get("valid_days").strip());
        }
        return json;
    }

    private static void putNumber(ObjectNode json, String name, String text) {
        if (text.matches("\\d{1,9}")) {
            json.put(name, Integer.parseInt(text));
        } else {
            // The API says what is wrong with it.
            json.put(name, text);
        }
    }

    /** Asks first, and then deletes. The authcode is in the form, because a path is kept in histories and logs. */
    private Mono<ServerResponse> delete(ServerRequest request) {
        return Forms.read(request).flatMap(form -> {
            String authcode = form.get("authcode");
            if (authcode.isEmpty()) {
                return show(request, Typed.NOTHING);
            }
            if (form.isStep() || form.get("confirmed").isEmpty()) {
                return page(request, "authcode-delete").with("authcode", authcode).show();
            }
            return api.delete(request, application(request) + "/authcodes/" + Api.segment(authcode))
                    .flatMap(_ -> ReceiptPages.redirect(request, page(request) + "/authcodes"));
        });
    }
}
