package dev.postern.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The buttons of a form with rules: each sends the whole form, and gets it back with a row added or removed, or with
 * what a search found. So nothing is kept between two requests, and the buttons work without scripts.
 */
final class RuleEditor {
    private static final int FOUND = 20;

    private final Api api;

    RuleEditor(Api api) {
        this.api = api;
    }

    /**
     * Does what a button asks for.
     *
     * @param step the value of the button: {@code add}, {@code remove.0}, {@code search.0},
     *             {@code group.0.projects.id}; anything else changes nothing
     */
    Mono<List<RuleRow>> apply(ServerRequest request, String account, Field field, List<RuleRow> rows, String step) {
        if (step.equals("add")) {
            List<RuleRow> more = new ArrayList<>(rows);
            more.add(RuleRow.fresh(0, RuleRows.first(field)));
            return Mono.just(RuleRows.numbered(more.stream().map(RuleRow::withoutSearch).toList()));
        }
        String[] parts = step.split("\\.", 4);
        return Flux.fromIterable(rows).concatMap(row -> {
            boolean meant = parts.length > 1 && parts[1].equals(Integer.toString(row.number()));
            return switch (meant ? parts[0] : "") {
                case "remove" -> Mono.<RuleRow>empty();
                case "search" -> search(request, account, field, row).map(row::withFound);
                case "group" -> parts.length == 4
                        ? devicesOf(request, account, parts[2], parts[3]).map(row::withMore)
                        : Mono.just(row);
                default -> Mono.just(row.withoutSearch());
            };
        }).collectList().map(RuleRows::numbered);
    }

    private Mono<List<RuleRow.Hit>> search(ServerRequest request, String account, Field field, RuleRow row) {
        if (!row.searchable()) {
            return Mono.just(List.of());
        }
        boolean key = field.type() == Field.Type.PERMISSIONS;
        Mono<List<RuleRow.Hit>> found = row.scope().equals(RuleRow.DEVICES)
                ? devices(request, account, row.search())
                : groups(request, account, row.scope(), row.search(), false);
        // An API key names devices only. A group is a quick way to choose its devices.
        Mono<List<RuleRow.Hit>> groups = key
                ? groups(request, account, "projects", row.search(), true)
                        .zipWith(groups(request, account, "users", row.search(), true), RuleEditor::joined)
                : Mono.just(List.of());
        return found.zipWith(groups, RuleEditor::joined).map(hits -> hits.stream()
                .filter(hit -> hit.group() || !row.chosen().contains(hit.id())).toList());
    }

    private static List<RuleRow.Hit> joined(List<RuleRow.Hit> first, List<RuleRow.Hit> second) {
        List<RuleRow.Hit> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private Mono<List<RuleRow.Hit>> devices(ServerRequest request, String account, String text) {
        String query = "?per_page=" + FOUND + title("title", text);
        Mono<List<RuleRow.Hit>> similar = api.get(request, Api.path(account, "devices") + query)
                .map(found -> hits(Api.list(found, "devices"), "devices", "title", false))
                // Too many devices to search their titles: their IDs can still be typed.
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() == 409
                        ? Mono.just(List.of())
                        : Mono.error(refused));
        return similar.flatMap(found -> {
            boolean known = found.stream().anyMatch(hit -> hit.id().equals(text));
            if (known || !text.matches("[A-Za-z0-9._:~-]{1,128}") || text.matches("\\.{1,2}")) {
                return Mono.just(found);
            }
            return exact(request, account, text).map(hit -> joined(List.of(hit), found));
        });
    }

    /** The device with this ID; an API key can name one that does not exist yet. */
    private Mono<RuleRow.Hit> exact(ServerRequest request, String account, String id) {
        return api.get(request, Api.path(account, "devices", id))
                .map(one -> new RuleRow.Hit("devices", id, String.valueOf(one.getOrDefault("title", id)), false, ""))
                .onErrorResume(Api.RefusedException.class, refused -> refused.status() == 404
                        ? Mono.just(new RuleRow.Hit("devices", id, id, false, "rules.unknown-device"))
                        : Mono.error(refused));
    }

    private Mono<List<RuleRow.Hit>> groups(ServerRequest request, String account, String scope, String text,
            boolean forDevices) {
        return api.get(request, Api.path(account, scope) + "?per_page=" + FOUND + title("name", text))
                .map(found -> hits(Api.list(found, scope), scope, "name", forDevices));
    }

    private static String title(String parameter, String text) {
        String term = text.length() > Api.MAX_SEARCH ? text.substring(0, Api.MAX_SEARCH) : text;
        return term.isEmpty() ? "" : "&" + parameter + "=" + Api.segment(term);
    }

    private static List<RuleRow.Hit> hits(List<Map<String, Object>> found, String scope, String label,
            boolean group) {
        return found.stream().map(each -> new RuleRow.Hit(scope, String.valueOf(each.get("id")),
                String.valueOf(each.getOrDefault(label, each.get("id"))), group, "")).toList();
    }

    private Mono<List<String>> devicesOf(ServerRequest request, String account, String scope, String id) {
        if (!scope.equals("projects") && !scope.equals("users")) {
            return Mono.just(List.of());
        }
        return api.get(request, Api.path(account, scope, id)).map(group -> Optional.ofNullable(group.get("devices"))
                .filter(List.class::isInstance).map(list -> ((List<?>) list).stream().map(String::valueOf).toList())
                .orElse(List.of()));
    }
}
