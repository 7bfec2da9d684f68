package dev.postern.console;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Shows a resource. For a credential, also shows its use, its rotation, and its secret if that can be shown again. */
final class CredentialPages {
    private static final int DAYS = 30;

    private final Api api;
    private final Templates templates;
    private final Clock clock;

    CredentialPages(Api api, Templates templates, Clock clock) {
        this.api = api;
        this.templates = templates;
        this.clock = clock;
    }

    void addTo(RouterFunctions.Builder routes) {
        String one = templates.site().resources();
        routes.GET(one + "/secret", Place.at(templates, this::showSecret))
                .POST(one + "/rotate", Place.at(templates, this::rotate))
                .POST(one + "/end-rotation", Place.at(templates, this::endRotation));
    }

    Mono<ServerResponse> show(ServerRequest request, Place place) {
        return api.get(request, place.api()).flatMap(one -> show(request, place, one, page -> page));
    }

    /** Shows a resource with its use. */
    Mono<ServerResponse> show(ServerRequest request, Place place, Map<String, Object> one,
            UnaryOperator<Page> more) {
        return show(request, place, one, more, HttpStatus.OK);
    }

    private Mono<ServerResponse> show(ServerRequest request, Place place, Map<String, Object> one,
            UnaryOperator<Page> more, HttpStatus status) {
        if (!place.kind().credential()) {
            return more.apply(page(request, place, one)).show(status);
        }
        LocalDate from = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(DAYS - 1);
        return api.get(request, place.api() + "/usage?from=" + from)
                .flatMap(usage -> more.apply(page(request, place, one).with("usage", usage)).show(status));
    }

    /** The page of a resource, without its use. */
    Page page(ServerRequest request, Place place, Map<String, Object> one) {
        return place.page(templates, request, "issued").with("one", one).with("created", false)
                .with("rules", rules(place.kind(), one)).with("id", place.id());
    }

    /** The rules of a resource, one a row. */
    static List<RuleRow> rules(Kind kind, Map<String, Object> one) {
        return kind.fields().stream().filter(Field::hasRows)
                .flatMap(field -> RuleRows.stored(field, one.get(field.name())).stream()).toList();
    }

    /** Shows the secret of an API key. That of a JWT token is shown with the token. */
    private Mono<ServerResponse> showSecret(ServerRequest request, Place place) {
        return place.kind() == Kind.API_KEYS
                ? api.get(request, place.api()).flatMap(one -> api.get(request, place.api() + "/key").flatMap(key -> {
                    one.putAll(key);
                    return show(request, place, one, page -> page);
                }))
                : show(request, place);
    }

    private Mono<ServerResponse> rotate(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? show(request, place)
                : change(request, place, ":rotate", "overlap", form.get("overlap"), "rotated"));
    }

    private Mono<ServerResponse> endRotation(ServerRequest request, Place place) {
        return Forms.read(request).flatMap(form -> form.isStep()
                ? show(request, place)
                : change(request, place, ":end-rotation", "revoke", form.get("revoke"), "rotationEnded"));
    }

    private Mono<ServerResponse> change(ServerRequest request, Place place, String call, String member, String value,
            String done) {
        return api.send(request, HttpMethod.POST, place.api() + call, Api.object().put(member, value))
                .flatMap(changed -> show(request, place, changed, page -> page.with(done, true)))
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() == 404
                        ? Mono.error(refused)
                        : api.get(request, place.api()).flatMap(one -> show(request, place, one,
                                page -> page.refused(Optional.of(refused)), HttpStatus.valueOf(refused.status()))));
    }
}
