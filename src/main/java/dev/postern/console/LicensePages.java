package dev.postern.console;

import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** The license of an account: its seats and their forecast, changes, extensions, and the ledger. */
final class LicensePages {
    private static final String PATH = ConsoleFilter.ROOT + "/accounts/{account}/license";
    private static final int CHANGED_MEANWHILE = 412;

    private final Api api;
    private final Templates templates;

    LicensePages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(PATH, request -> show(request, Typed.NOTHING)).POST(PATH, this::change)
                .POST(PATH + "/seat", this::moveSeat).POST(PATH + "/extensions", this::requestExtension)
                .POST(PATH + "/extensions/{id}", this::settleExtension).GET(PATH + "/ledger", this::ledger);
    }

    /**
     * What was typed into one of the forms of the page, and why it was not done.
     *
     * @param which the form; empty if none was sent
     */
    private record Typed(String which, Optional<Forms.Fields> form, Optional<Api.RefusedException> refused) {
        static final Typed NOTHING = new Typed("", Optional.empty(), Optional.empty());
    }

    private static String api(ServerRequest request, String... rest) {
        return Api.path(request.pathVariable("account"), rest);
    }

    private static String page(ServerRequest request) {
        return ConsoleFilter.ROOT + "/accounts/" + Api.segment(request.pathVariable("account")) + "/license";
    }

    private Mono<ServerResponse> show(ServerRequest request, Typed typed) {
        return api.getTagged(request, api(request, "license"))
                .flatMap(license -> api.get(request, api(request, "license", "forecast"))
                        .flatMap(forecast -> api.get(request, api(request, "license", "extensions") + "?per_page=20")
                                .flatMap(extensions -> show(request, typed, license, forecast, extensions))));
    }

    private Mono<ServerResponse> show(ServerRequest request, Typed typed, Api.Tagged license,
            Map<String, Object> forecast, Map<String, Object> extensions) {
        boolean conflict = typed.refused().filter(refused -> refused.status() == CHANGED_MEANWHILE).isPresent();
        Map<String, Object> now = license.resource();
        // To the minute. If the visitor does not change it, it is not sent to the API.
        String until = String.valueOf(now.get("valid_until")).substring(0, ResourceForms.MINUTES);
        return Page.of(templates, request, "license").with("account", request.pathVariable("account"))
                .with("active", "license").with("license", now).with("tag", license.tag())
                .with("forecast", forecast).with("extensions", Api.list(extensions, "extensions"))
                .with("which", typed.which()).with("conflict", conflict)
                .with("plan", value(typed, "license", "plan", String.valueOf(now.get("plan"))))
                .with("seats", value(typed, "license", "seats", String.valueOf(now.get("seats"))))
                .with("untilNow", until).with("until", value(typed, "license", "valid_until", until))
                .with("enforced", value(typed, "license", "enabled", String.valueOf(now.get("enabled"))))
                .with("from", value(typed, "seat", "from", "")).with("to", value(typed, "seat", "to", ""))
                .with("note", value(typed, "extension", "note", ""))
                .refused(conflict ? Optional.empty() : typed.refused())
                .show(typed.refused().map(refused -> HttpStatus.valueOf(refused.status())).orElse(HttpStatus.OK));
    }

    /** What was typed into this form; if it was not sent, what there is now. */
    private static String value(Typed typed, String which, String name, String now) {
        return typed.which().equals(which) ? typed.form().map(form -> form.get(name)).orElse(now) : now;
    }

    /** Makes the call, and shows the page again if the API refuses it, with what was typed. */
    private Mono<ServerResponse> send(ServerRequest request, String which, Forms.Fields form,
            Mono<Map<String, Object>> call) {
        return form.isStep()
                ? show(request, new Typed(which, Optional.of(form), Optional.empty()))
                : call.flatMap(_ -> ReceiptPages.redirect(request, page(request)))
                        .onErrorResume(Api.RefusedException.class, refused -> refused.status() == 404
                                ? Mono.error(refused)
                                : show(request, new Typed(which, Optional.of(form), Optional.of(refused))));
    }

    private Mono<ServerResponse> change(ServerRequest request) {
        return Forms.read(request).flatMap(form -> send(request, "license", form,
                api.replace(request, api(request, "license"), form.get("etag"), change(form))));
    }

    private static ObjectNode change(Forms.Fields form) {
        ObjectNode json = Api.object().put("plan", form.get("plan")).put("enabled",
                form.get("enabled").equals("true"));
        String seats = form.get("seats").strip();
        if (form.get("plan").equals("paid")) {
            if (seats.matches("\\d{1,9}")) {
                json.put("seats", Integer.parseInt(seats));
            } else {
                // The API says what is wrong with it.
                json.put("seats", seats);
            }
        }
        // Sending valid_until restarts the term of the license, even if the time is the same.
        if (!isSame(form.get("valid_until"), form.get("valid_until_was"))) {
            ResourceForms.putTime(json, "valid_until", form.get("valid_until"));
        }
        return json;
    }

    /** Browsers may leave out seconds that are zero. */
    private static boolean isSame(String time, String other) {
        try {
            return LocalDateTime.parse(time).equals(LocalDateTime.parse(other));
        } catch (DateTimeParseException noTime) {
            return time.equals(other);
        }
    }

    private Mono<ServerResponse> moveSeat(ServerRequest request) {
        return Forms.read(request).flatMap(form -> send(request, "seat", form,
                api.send(request, HttpMethod.POST, api(request, "license") + "/seats:move",
                        Api.object().put("from", form.get("from").strip()).put("to", form.get("to").strip()))));
    }

    private Mono<ServerResponse> requestExtension(ServerRequest request) {
        return Forms.read(request).flatMap(form -> send(request, "extension", form,
                api.send(request, HttpMethod.POST, api(request, "license", "extensions"),
                        Api.object().put("note", form.get("note").strip()))));
    }

    private Mono<ServerResponse> settleExtension(ServerRequest request) {
        return Forms.read(request).flatMap(form -> send(request, "decision", form,
                api.replace(request, api(request, "license", "extensions", request.pathVariable("id")), "",
                        Api.object().put("state", form.get("state")))));
    }

    private Mono<ServerResponse> ledger(ServerRequest request) {
        String before = request.queryParam("before").filter(text -> text.matches("\\d{1,19}-\\d{1,19}")).orElse("");
        return api.get(request, api(request, "license", "ledger") + "?per_page=50"
                + (before.isEmpty() ? "" : "&before=" + before)).flatMap(found -> {
                    var rows = Api.list(found, "entries");
                    return Page.of(templates, request, "ledger").with("account", request.pathVariable("account"))
                            .with("active", "license").with("rows", rows)
                            .with("total", found.getOrDefault("total_count", 0))
                            .with("first", before.isEmpty())
                            .with("next", rows.size() < 50 ? "" : String.valueOf(rows.getLast().get("id"))).show();
                });
    }
}
