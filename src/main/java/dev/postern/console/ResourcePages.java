package dev.postern.console;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Lists, creates, shows, modifies and deletes the resources of an account, of every {@link Kind}. */
final class ResourcePages {
    private static final String ALL = ConsoleFilter.ROOT + "/accounts/{account}/{kind}";
    private static final String ONE = ALL + "/{id}";
    private static final int CHANGED_MEANWHILE = 412;

    private final Api api;
    private final Templates templates;
    private final ResourceForms forms;

    ResourcePages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
        this.forms = new ResourceForms(api);
    }

    /** The resource that a path names, from its first three segments after the root. */
    private record Place(String account, Kind kind, String id) {
        String api() {
            return id.isEmpty() ? Api.path(account, kind.plural()) : Api.path(account, kind.plural(), id);
        }

        String console() {
            return ConsoleFilter.ROOT + "/accounts/" + Api.segment(account) + "/" + kind.plural();
        }
    }

    private interface Step {
        Mono<ServerResponse> answer(ServerRequest request, Place place);
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(ALL + "/new", at(this::showNew)).GET(ALL, at(this::list)).POST(ALL, at(this::create))
                .GET(ONE + "/edit", at(this::showEdit)).GET(ONE + "/delete", at(this::showDelete))
                .POST(ONE + "/delete", at(this::delete)).GET(ONE + "/file", at(this::file))
                .GET(ONE, at(this::show)).POST(ONE, at(this::replace));
    }

    private HandlerFunction<ServerResponse> at(Step step) {
        return request -> Kind.of(request.pathVariable("kind"))
                .map(kind -> step.answer(request, new Place(request.pathVariable("account"), kind,
                        request.pathVariables().getOrDefault("id", ""))))
                .orElseGet(() -> Failures.page(templates, request, HttpStatus.NOT_FOUND,
                        "failure.not-found", ""));
    }

    private Page page(ServerRequest request, Place place, String template) {
        return Page.of(templates, request, template).with("kind", place.kind()).with("account", place.account())
                .with("base", place.console()).with("active", place.kind().section());
    }

    private Mono<ServerResponse> list(ServerRequest request, Place place) {
        String search = request.queryParam("q").orElse("").strip();
        int number = request.queryParam("page").filter(text -> text.matches("[1-9][0-9]{0,6}")).map(Integer::parseInt)
                .orElse(1);
        String query = "?per_page=20&page=" + number
                + (search.isEmpty() ? "" : "&" + place.kind().search() + "=" + Api.segment(search));
        return api.get(request, place.api() + query).flatMap(found -> {
            int total = ((Number) found.getOrDefault("total_count", 0)).intValue();
            return page(request, place, "list").with("rows", Api.list(found, place.kind().list()))
                    .with("search", search)
                    .with("page", number).with("pages", Math.max(1, (total + 19) / 20)).with("total", total).show();
        });
    }

    private Mono<ServerResponse> showNew(ServerRequest request, Place place) {
        return forms.empty(request, place.account(), place.kind()).flatMap(
                fields -> page(request, place, "form").with("fields", fields).with("id", "").with("etag", "").show());
    }

    private Mono<ServerResponse> create(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> api
                .send(request, HttpMethod.POST, place.api(), ResourceForms.json(place.kind(), form, false))
                .flatMap(created -> page(request, place, "issued").with("one", created).with("created", true)
                        .with("id", String.valueOf(created.getOrDefault("id", ""))).show(HttpStatus.CREATED))
                .onErrorResume(Api.RefusedException.class,
                        refused -> formAgain(request, place, form, refused)));
    }

    private Mono<ServerResponse> formAgain(ServerRequest request, Place place, Forms.Fields form,
            Api.RefusedException refused) {
        return forms.typed(request, place.account(), place.kind(), form, place.id().isEmpty())
                .flatMap(fields -> page(request, place, "form").with("fields", fields).with("id", place.id())
                        .with("etag", form.get("etag")).refused(Optional.of(refused))
                        .show(HttpStatus.valueOf(refused.status())));
    }

    private Mono<ServerResponse> show(ServerRequest request, Place place) {
        return api.get(request, place.api())
                .flatMap(one -> page(request, place, "issued").with("one", one).with("created", false)
                        .with("id", place.id()).show());
    }

    private Mono<ServerResponse> showEdit(ServerRequest request, Place place) {
        return api.getTagged(request, place.api())
                .flatMap(one -> forms.filled(request, place.account(), place.kind(), one.resource()).flatMap(
                        fields -> page(request, place, "form").with("fields", fields).with("id", place.id())
                                .with("etag", one.tag()).show()));
    }

    private Mono<ServerResponse> replace(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> api
                .replace(request, place.api(), form.get("etag"), ResourceForms.json(place.kind(), form, true))
                .flatMap(changed -> page(request, place, "issued").with("one", changed).with("created", false)
                        .with("id", place.id()).with("changed", true).show())
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() == CHANGED_MEANWHILE
                        ? changedMeanwhile(request, place, form)
                        : formAgain(request, place, form, refused)));
    }

    /** Shows what was typed next to the current state. Submitting the form again replaces that state. */
    private Mono<ServerResponse> changedMeanwhile(ServerRequest request, Place place, Forms.Fields form) {
        return api.getTagged(request, place.api())
                .flatMap(present -> forms.typed(request, place.account(), place.kind(), form, false).flatMap(
                        fields -> page(request, place, "form").with("fields", fields).with("id", place.id())
                                .with("etag", present.tag()).with("present", present.resource())
                                .show(HttpStatus.PRECONDITION_FAILED)));
    }

    private Mono<ServerResponse> showDelete(ServerRequest request, Place place) {
        return api.get(request, place.api()).flatMap(one -> deletePage(request, place, one, Optional.empty()));
    }

    private Mono<ServerResponse> deletePage(ServerRequest request, Place place, Map<String, Object> one,
            Optional<String> error) {
        return page(request, place, "delete").with("one", one).with("id", place.id())
                .with("confirm", String.valueOf(one.getOrDefault(place.kind().search(), "")))
                .with("error", error.orElse("")).show(error.isEmpty() ? HttpStatus.OK : HttpStatus.BAD_REQUEST);
    }

    private Mono<ServerResponse> delete(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> api.get(request, place.api()).flatMap(one -> {
            String name = String.valueOf(one.getOrDefault(place.kind().search(), ""));
            if (!name.equals(form.get("name"))) {
                return deletePage(request, place, one,
                        Optional.of(templates.text(Language.of(request), "delete.mismatch")));
            }
            return api.delete(request, place.api()).flatMap(reply -> {
                Map<String, Object> receipt = new LinkedHashMap<>();
                if (reply.get("receipt") instanceof Map<?, ?> known) {
                    known.forEach((key, value) -> receipt.put(String.valueOf(key), value));
                }
                return page(request, place, "deleted").with("name", name).with("receipt", receipt).show();
            });
        }));
    }

    /** The file of an RSA token, as the API shows it. */
    private Mono<ServerResponse> file(ServerRequest request, Place place) {
        return place.kind().file()
                ? api.download(request, place.api() + "/file")
                : ServerResponse.seeOther(URI.create(place.console() + "/" + Api.segment(place.id()))).build();
    }
}
