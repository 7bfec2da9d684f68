package dev.postern.management;

import dev.postern.account.Page;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the paging and search parameters of lists, and writes their replies. */
final class Lists {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PER_PAGE = 20;
    static final int MAX_NAME = 64;

    private Lists() {}

    static Page.Request page(ServerRequest request) {
        Optional<String> page = single(request, "page");
        Optional<String> perPage = single(request, "per_page");
        return JsonInput.valid(() -> Page.Request.parse(page, perPage, PER_PAGE));
    }

    /** The search term for names; empty for all. */
    static Optional<String> name(ServerRequest request) {
        return like(request, "name");
    }

    /** The search term for names or titles. Its length is limited because longer terms make the search slower. */
    static Optional<String> like(ServerRequest request, String parameter) {
        Optional<String> term = single(request, parameter);
        if (term.isPresent() && term.get().length() > MAX_NAME) {
            throw new ProblemException(Problem.FIELD_INVALID,
                    parameter + " has more than " + MAX_NAME + " characters");
        }
        return term;
    }

    /** A parameter that may occur once; empty if it is missing. */
    static Optional<String> single(ServerRequest request, String name) {
        List<String> values = request.queryParams().getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new ProblemException(Problem.FIELD_INVALID, name + " is given more than once");
        }
        // A name without = has a null value.
        return values.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(values.getFirst()).filter(value -> !value.isEmpty());
    }

    static <T> Mono<ServerResponse> reply(String plural, Page.Request page, Page<T> found,
            Function<T, ObjectNode> show) {
        ObjectNode json = JSON.createObjectNode().put("total_count", found.totalCount())
                .put("page", page.number()).put("per_page", page.perPage());
        ArrayNode list = json.putArray(plural);
        found.items().forEach(item -> list.add(show.apply(item)));
        return Replies.ok(json);
    }
}
