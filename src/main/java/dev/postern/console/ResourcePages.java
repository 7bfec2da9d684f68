package dev.postern.console;

import java.net.URI;
import java.time.Clock;
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
    private static final int CHANGED_MEANWHILE = 412;

    private final Api api;
    private final Templates templates;
    private final ResourceForms forms;
    private final CredentialPages uses;
    private final Trial trial;

    ResourcePages(Api api, Templates templates, Clock clock) {
        this.api = api;
        this.templates = templates;
        this.forms = new ResourceForms(api);
        this.uses = new CredentialPages(api, templates, clock);
        this.trial = new Trial(api);
    }

    void addTo(RouterFunctions.Builder routes) {
        String all = templates.site().lists();
        String one = templates.site().resources();
        routes.GET(templates.site().forms(), at(this::showNew)).GET(all, at(this::list)).POST(all, at(this::create))
                .GET(one + "/edit", at(this::showEdit)).GET(one + "/delete", at(this::showDelete))
                .POST(one + "/delete", at(this::delete)).GET(one + "/file", at(this::file));
        uses.addTo(routes);
        routes.GET(one, at(uses::show)).POST(one, at(this::replace));
    }

    private HandlerFunction<ServerResponse> at(Place.Step step) {
        return Place.at(templates, step);
    }

    private Page page(ServerRequest request, Place place, String template) {
        return place.page(templates, request, template);
    }

    private Mono<ServerResponse> list(ServerRequest request, Place place) {
        String search = request.queryParam("q").orElse("").strip();
        int number = request.queryParam("page").filter(text -> text.matches("[1-9][0-9]{0,6}")).map(Integer::parseInt)
                .orElse(1);
        String seat = place.kind() == Kind.DEVICES
                ? request.queryParam("seat").filter(text -> text.equals("true") || text.equals("false")).orElse("")
                : "";
        String query = "?per_page=20&page=" + number + (seat.isEmpty() ? "" : "&seat=" + seat)
                + (search.isEmpty() ? "" : "&" + place.kind().search() + "=" + Api.segment(search));
        return api.get(request, place.api() + query).flatMap(found -> {
            int total = ((Number) found.getOrDefault("total_count", 0)).intValue();
            return page(request, place, "list").with("rows", Api.list(found, place.kind().list()))
                    .with("search", search).with("seat", seat)
                    .with("page", number).with("pages", Math.max(1, (total + 19) / 20)).with("total", total).show();
        });
    }

    private Mono<ServerResponse> showNew(ServerRequest request, Place place) {
        return forms.empty(request, place.account(), place.kind()).flatMap(
                fields -> page(request, place, "form").with("fields", fields).with("id", "").with("etag", "").show());
    }

    private Mono<ServerResponse> create(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? formAgain(request, place, form, Optional.empty())
                : api.send(request, HttpMethod.POST, place.api(), ResourceForms.json(place.kind(), form, false))
                        .flatMap(created -> uses.page(request, place, created)
                                .with("created", true).with("id", String.valueOf(created.getOrDefault("id", "")))
                                .show(HttpStatus.CREATED))
                        .onErrorResume(Api.RefusedException.class,
                                refused -> formAgain(request, place, form, Optional.of(refused))));
    }

    private Mono<ServerResponse> formAgain(ServerRequest request, Place place, Forms.Fields form,
            Optional<Api.RefusedException> refused) {
        return forms.typed(request, place.account(), place.kind(), form, place.id().isEmpty())
                .flatMap(fields -> trial.answer(request, place, form, page(request, place, "form")
                        .with("fields", fields).with("id", place.id()).with("etag", form.get("etag"))
                        .refused(refused)))
                .flatMap(page -> page.show(refused.map(why -> HttpStatus.valueOf(why.status())).orElse(HttpStatus.OK)));
    }

    private Mono<ServerResponse> showEdit(ServerRequest request, Place place) {
        return api.getTagged(request, place.api())
                .flatMap(one -> forms.filled(request, place.account(), place.kind(), one.resource()).flatMap(
                        fields -> page(request, place, "form").with("fields", fields).with("id", place.id())
                                .with("etag", one.tag()).show()));
    }

    private Mono<ServerResponse> replace(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? formAgain(request, place, form, Optional.empty())
                : api.replace(request, place.api(), form.get("etag"), ResourceForms.json(place.kind(), form, true))
                        // The page shows the secret of a JWT token, and the reply to a change does not have it.
                        .flatMap(changed -> place.kind() == Kind.JWT_TOKENS
                                ? api.get(request, place.api())
                                : Mono.just(changed))
                        .flatMap(changed -> uses.show(request, place, changed, page -> page.with("changed", true)))
                        .onErrorResume(Api.RefusedException.class, refused -> refused.status() == CHANGED_MEANWHILE
                                ? changedMeanwhile(request, place, form)
                                : formAgain(request, place, form, Optional.of(refused))));
    }

    /** Shows what was typed next to the current state. Submitting the form again replaces that state. */
    private Mono<ServerResponse> changedMeanwhile(ServerRequest request, Place place, Forms.Fields form) {
        return api.getTagged(request, place.api())
                .flatMap(present -> forms.typed(request, place.account(), place.kind(), form, false).flatMap(
                        fields -> page(request, place, "form").with("fields", fields).with("id", place.id())
                                .with("etag", present.tag()).with("present", present.resource())
                                .with("rules", CredentialPages.rules(place.kind(), present.resource()))
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
            if (form.isStep()) {
                return deletePage(request, place, one, Optional.empty());
            }
            if (!name.equals(form.get("name"))) {
                return deletePage(request, place, one,
                        Optional.of(templates.text(Language.of(request), "delete.mismatch")));
            }
            return api.delete(request, place.api())
                    .flatMap(_ -> page(request, place, "deleted").with("name", name).show());
        }));
    }

    /** The file of an RSA token, as the API returns it. */
    private Mono<ServerResponse> file(ServerRequest request, Place place) {
        return place.kind().file()
                ? api.download(request, place.api() + "/file")
                : ServerResponse.seeOther(URI.create(place.list() + "/" + Api.segment(place.id()))).build();
    }
}
