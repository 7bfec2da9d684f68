package dev.postern.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Fills forms from replies of the API, and turns submitted forms into JSON for the API. */
final class ResourceForms {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Api api;

    ResourceForms(Api api) {
        this.api = api;
    }

    /** A form for a new resource. */
    Mono<List<Field.Filled>> empty(ServerRequest request, String account, Kind kind) {
        return fill(request, account, kind, true, field -> field.type() == Field.Type.CHECK
                ? List.of("true")
                : List.of());
    }

    /** A form with the current values of a resource. */
    Mono<List<Field.Filled>> filled(ServerRequest request, String account, Kind kind, Map<String, Object> one) {
        return fill(request, account, kind, false, field -> values(field, one.get(field.name())));
    }

    /** A form with what was typed. */
    Mono<List<Field.Filled>> typed(ServerRequest request, String account, Kind kind, Forms.Fields form,
            boolean isNew) {
        return fill(request, account, kind, isNew, field -> form.all(field.name()));
    }

    private interface Values {
        List<String> of(Field field);
    }

    private Mono<List<Field.Filled>> fill(ServerRequest request, String account, Kind kind, boolean isNew,
            Values values) {
        // The form of a change has no fixed fields. That of a new resource has no check boxes: they start checked.
        Stream<Field> fields = kind.fields().stream()
                .filter(field -> isNew ? field.type() != Field.Type.CHECK : !field.fixed());
        return Flux.fromStream(fields).concatMap(field -> choices(request, account, field)
                .map(choices -> {
                    List<String> present = values.of(field);
                    return new Field.Filled(field, present.isEmpty() ? "" : present.getFirst(), present, choices);
                })).collectList();
    }

    private static List<String> values(Field field, @Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case List<?> list when field.type() == Field.Type.LINES -> List.of(String.join("\n",
                    list.stream().map(String::valueOf).toList()));
            case List<?> list when field.type() == Field.Type.RULES -> List.of(JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(list));
            case List<?> list -> list.stream().map(String::valueOf).toList();
            default -> List.of(String.valueOf(value));
        };
    }

    private Mono<List<Map<String, String>>> choices(ServerRequest request, String account, Field field) {
        return field.from().map(from -> {
            String path = from.path().startsWith("/") ? from.path() : Api.path(account, from.path()) + "?per_page=100";
            return api.get(request, path).map(found -> Api.list(found, from.list()).stream().map(each -> {
                Map<String, String> choice = new LinkedHashMap<>();
                choice.put("id", String.valueOf(each.get("id")));
                choice.put("label", String.valueOf(each.getOrDefault(from.label(), each.get("id"))));
                return choice;
            }).toList());
        }).orElseGet(() -> Mono.just(List.of()));
    }

    /** @param change whether the resource exists already */
    static ObjectNode json(Kind kind, Forms.Fields form, boolean change) {
        ObjectNode json = Api.object();
        for (Field field : kind.fields()) {
            if (change ? !field.fixed() : field.type() != Field.Type.CHECK) {
                put(json, field, form);
            }
        }
        return json;
    }

    private static void put(ObjectNode json, Field field, Forms.Fields form) {
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
            case RULES -> rules(text).ifPresent(rules -> json.set(field.name(), rules));
        }
    }

    private static void addAll(ArrayNode list, List<String> values) {
        values.forEach(list::add);
    }

    private static List<String> lines(String text) {
        return Pattern.compile("[\\s,]+").splitAsStream(text).filter(line -> !line.isEmpty()).toList();
    }

    /** Empty if nothing was typed. Text that is not JSON is passed to the API, which reports the error. */
    private static Optional<JsonNode> rules(String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JacksonException malformed) {
            return Optional.of(JSON.stringNode(text));
        }
    }
}
