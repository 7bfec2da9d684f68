package dev.postern.console;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Fills forms from replies of the API, and turns submitted forms into JSON for the API. */
final class ResourceForms {
    /** The length of a time without seconds, as browsers send it. */
    static final int MINUTES = "2027-01-31T08:00".length();
    private static final int PER_PAGE = 100;
    private static final int MAX_PAGES = 10;

    private final Api api;
    private final RuleEditor rules;

    ResourceForms(Api api) {
        this.api = api;
        this.rules = new RuleEditor(api);
    }

    /** What a form shows in a field. */
    private interface Values {
        List<String> of(Field field);

        /** Of a field that {@link Field#hasRows has rows}. */
        Mono<List<RuleRow>> rows(Field field);
    }

    /** A form for a new resource. */
    Mono<List<Field.Filled>> empty(ServerRequest request, String account, Kind kind) {
        return fill(request, account, kind, true, new Values() {
            @Override
            public List<String> of(Field field) {
                return field.type() == Field.Type.CHECK ? List.of("true") : List.of();
            }

            @Override
            public Mono<List<RuleRow>> rows(Field field) {
                return Mono.just(RuleRows.fresh(field));
            }
        });
    }

    /** A form with the current values of a resource. */
    Mono<List<Field.Filled>> filled(ServerRequest request, String account, Kind kind, Map<String, Object> one) {
        return fill(request, account, kind, false, new Values() {
            @Override
            public List<String> of(Field field) {
                return values(field, one.get(field.name()));
            }

            @Override
            public Mono<List<RuleRow>> rows(Field field) {
                return Mono.just(RuleRows.stored(field, one.get(field.name())));
            }
        });
    }

    /** A form with what was typed, after the button that was pressed did its work: see {@link RuleEditor#apply}. */
    Mono<List<Field.Filled>> typed(ServerRequest request, String account, Kind kind, Forms.Fields form,
            boolean isNew) {
        return fill(request, account, kind, isNew, new Values() {
            @Override
            public List<String> of(Field field) {
                return form.all(field.name());
            }

            @Override
            public Mono<List<RuleRow>> rows(Field field) {
                return rules.apply(request, account, field, RuleRows.typed(field, form), form.get("do"));
            }
        });
    }

    private Mono<List<Field.Filled>> fill(ServerRequest request, String account, Kind kind, boolean isNew,
            Values values) {
        // The form of a change has no fixed fields. That of a new resource has no check boxes: they start checked.
        Stream<Field> fields = kind.fields().stream()
                .filter(field -> isNew ? field.type() != Field.Type.CHECK : !field.fixed());
        return Flux.fromStream(fields).concatMap(field -> {
            List<String> present = values.of(field);
            Mono<List<RuleRow>> filled = field.hasRows() ? values.rows(field) : Mono.just(List.of());
            return filled.flatMap(rows -> choices(request, account, field, Stream.concat(present.stream(),
                    rows.stream().flatMap(row -> row.apis().stream())).distinct().toList())
                    .map(choices -> new Field.Filled(field, present.isEmpty() ? "" : present.getFirst(), present,
                            choices, rows)));
        }).collectList();
    }

    private static List<String> values(Field field, @Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case List<?> list when field.type() == Field.Type.LINES -> List.of(String.join("\n",
                    list.stream().map(String::valueOf).toList()));
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case String time when field.type() == Field.Type.TIME -> List.of(time.replace("Z", ""));
            default -> List.of(String.valueOf(value));
        };
    }

    /** All choices of a field with multiple choice, page by page, and what is chosen already. */
    private Mono<List<Map<String, String>>> choices(ServerRequest request, String account, Field field,
            List<String> chosen) {
        if (field.type() == Field.Type.RULES) {
            return choices(request, account, Field.APIS, chosen);
        }
        return field.from().map(from -> choices(request, account, from, chosen)).orElseGet(() -> Mono.just(List.of()));
    }

    private Mono<List<Map<String, String>>> choices(ServerRequest request, String account, Field.Choices from,
            List<String> chosen) {
        boolean paged = !from.path().startsWith("/");
        String path = paged ? Api.path(account, from.path()) + "?per_page=" + PER_PAGE + "&page=" : from.path();
        return Flux.range(1, paged ? MAX_PAGES : 1)
                .concatMap(page -> api.get(request, paged ? path + page : path), 1)
                .map(found -> Api.list(found, from.list())).takeUntil(found -> found.size() < PER_PAGE)
                .concatMapIterable(found -> found).map(each -> choice(String.valueOf(each.get("id")),
                        String.valueOf(each.getOrDefault(from.label(), each.get("id")))))
                .collectList().map(all -> {
                    // What is chosen stays chosen even if the list is too long to show it all.
                    chosen.stream().filter(id -> all.stream().noneMatch(known -> id.equals(known.get("id"))))
                            .forEach(id -> all.add(choice(id, id)));
                    return all;
                });
    }

    private static Map<String, String> choice(String id, String label) {
        return Map.of("id", id, "label", label);
    }

    /** @param change whether the resource exists already */
    static ObjectNode json(Kind kind, Forms.Fields form, boolean change) {
        ObjectNode json = Api.object();
        for (Field field : kind.fields()) {
            if (change ? !field.fixed() : field.type() != Field.Type.CHECK) {
                put(json, field, form, change);
            }
        }
        return json;
    }

    private static void put(ObjectNode json, Field field, Forms.Fields form, boolean change) {
        String text = form.get(field.name());
        switch (field.type()) {
            case TEXT, WORD -> {
                if (!text.isEmpty() || field.required()) {
                    json.put(field.name(), text.strip());
                }
            }
            case MANY -> addAll(json.putArray(field.name()), form.all(field.name()));
            case LINES -> addAll(json.putArray(field.name()), lines(text));
            case CHECK -> json.put(field.name(), text.equals("true"));
            case TIME -> {
                if (text.isBlank() && change) {
                    json.putNull(field.name());
                }
                putTime(json, field.name(), text);
            }
            case RULES, PERMISSIONS -> RuleRows.put(json, field, RuleRows.typed(field, form));
        }
    }

    /** Adds a time, unless the field is empty. It has no zone: times are in UTC. The API refuses what is not a time. */
    static void putTime(ObjectNode json, String name, String text) {
        if (!text.isBlank()) {
            json.put(name, text.length() == MINUTES ? text + ":00Z" : text.endsWith("Z") ? text : text + "Z");
        }
    }

    private static void addAll(ArrayNode list, List<String> values) {
        values.forEach(list::add);
    }

    static List<String> lines(String text) {
        return Pattern.compile("[\\s,]+").splitAsStream(text).filter(line -> !line.isEmpty()).toList();
    }
}
