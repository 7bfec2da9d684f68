package dev.postern.console;

import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tries the rules of a form that is not saved: one call, and the recent calls of the credential. Both are buttons of
 * the form, like those of {@link RuleEditor}.
 */
final class Trial {
    private static final String TRY = "try";
    private static final String REPLAY = "replay";

    private final Api api;

    Trial(Api api) {
        this.api = api;
    }

    /**
     * Whether a credential of the kind can be tried. It must exist already, because only then are there recent calls.
     */
    static boolean isPossible(Place place) {
        return place.kind().credential() && place.kind().rules() && !place.id().isEmpty();
    }

    /** Adds what was typed to a page, and the answer if a button asks for one. */
    Mono<Page> answer(ServerRequest request, Place place, Forms.Fields form, Page page) {
        String step = form.get("do");
        String target = form.get("try-target").strip();
        page.with("tryMethod", form.getOrDefault("try-method", "GET")).with("tryTarget", target);
        boolean replay = step.equals(REPLAY);
        if (!isPossible(place) || !(replay || (step.equals(TRY) && !target.isEmpty()))) {
            return Mono.just(page);
        }
        ObjectNode question = Api.object().put("account", place.account()).put("credential_id", place.id())
                .put("replay", replay);
        question.set("change", ResourceForms.json(place.kind(), form, true));
        if (!target.isEmpty()) {
            question.putArray("calls").addObject().put("method", form.get("try-method")).put("target", target);
        }
        return api.ask(request, "/api/v1/what-if", question).map(answer -> add(page, answer))
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() >= 500
                        ? Mono.error(refused)
                        : Mono.just(page.with("tryRefused", refused.detail())));
    }

    private static Page add(Page page, Map<String, Object> answer) {
        List<Map<String, Object>> calls = Api.list(answer, "calls");
        if (!calls.isEmpty()) {
            page.with("tried", calls.getFirst());
        }
        if (answer.get(REPLAY) instanceof Map<?, ?> replay) {
            page.with("replay", replay).with("gate", answer.getOrDefault("gate", Map.of()));
        }
        return page;
    }
}
