package dev.postern.catalog;

import dev.postern.access.Action;
import dev.postern.access.ApiId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compiles the configured catalogue into a {@link Catalog}. Every error message names the setting. */
final class CatalogCompiler {
    private static final Pattern WHITESPACE = Pattern.compile("\\s+");

    private static final Set<String> LOOKING = Set.of("GET", "HEAD");
    private static final Set<String> REMOVING = Set.of("DELETE", "POST");

    private final OperationTree tree = new OperationTree();
    private final Optional<BackendAddress> common;

    CatalogCompiler(Optional<BackendAddress> common) {
        this.common = common;
    }

    Catalog compile(Map<String, ApiDefinition> definitions) {
        Map<ApiId, Catalog.Api> apis = new LinkedHashMap<>();
        definitions.forEach((id, definition) -> {
            String where = "postern.apis." + id;
            if (!ApiId.isValid(id)) {
                throw new CatalogException(where,
                        "the ID of an API must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
            }
            if (id.startsWith(ApiId.ROUTE_PREFIX)) {
                throw new CatalogException(where,
                        "IDs that begin with " + ApiId.ROUTE_PREFIX + " are reserved for routes");
            }
            ApiId api = new ApiId(id);
            apis.put(api, new Catalog.Api(api, definition.name() == null ? id : definition.name(),
                    backend(where + ".backend", definition.backend()).or(() -> common),
                    addOperations(where, api, definition),
                    definition));
        });
        return new Catalog(apis, tree);
    }

    private List<String> addOperations(String where, ApiId api, ApiDefinition definition) {
        if (definition.operations().isEmpty()) {
            throw new CatalogException(where + ".operations", "an API needs at least one operation");
        }
        IdForms forms = IdForms.parse(where, definition);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < definition.operations().size(); i++) {
            Operation operation = operation(where + ".operations[" + i + "]", api, forms,
                    definition.operations().get(i));
            tree.add(where + ".operations[" + i + "]", operation);
            texts.addAll(texts(definition.operations().get(i).call()));
        }
        return List.copyOf(texts);
    }

    /** One text for each method, as configured. */
    private static List<String> texts(String call) {
        String[] parts = WHITESPACE.split(call.strip(), -1);
        return Arrays.stream(parts[0].split(",", -1)).map(method -> method + " " + parts[1]).toList();
    }

    private static Operation operation(String where, ApiId api, IdForms forms,
            ApiDefinition.OperationDefinition definition) {
        if (definition.call() == null) {
            throw new CatalogException(where + ".call", "an operation needs methods and a path");
        }
        String[] call = WHITESPACE.split(definition.call().strip(), -1);
        if (call.length != 2) {
            throw new CatalogException(where + ".call",
                    "'" + definition.call() + "' does not have the form 'GET,PUT /path/{device}'");
        }
        Operation operation = new Operation(api, methods(where + ".call", call[0]),
                PathTemplate.parse(where + ".call", call[1]),
                IdSource.parseAll(where + ".devices", definition.devices()),
                IdSource.parseAll(where + ".streams", definition.streams()),
                bodyChecked(where + ".body", definition.body()), registers(where, definition, forms.devices()),
                definition.removes(), forms);
        if (!operation.watched().members().isEmpty() && (operation.takes("GET") || operation.takes("HEAD"))) {
            // The gate drops the body of a GET, so a decision based on its IDs would restrict nothing.
            throw new CatalogException(where, "IDs cannot be in the body of a GET, which is not forwarded");
        }
        requireEffectThatCanBe(where, operation);
        return operation;
    }

    private static Optional<ReplyPath> registers(String where, ApiDefinition.OperationDefinition definition,
            IdForm form) {
        return Optional.ofNullable(definition.registers())
                .map(path -> ReplyPath.parse(where + ".registers", path, form));
    }

    private static void requireEffectThatCanBe(String where, Operation operation) {
        if (operation.registers().isPresent() && operation.removes()) {
            throw new CatalogException(where + ".removes", "an operation cannot both register and remove devices");
        }
        if (operation.registers().isPresent() && LOOKING.containsAll(operation.methods())) {
            throw new CatalogException(where + ".registers", "GET and HEAD cannot register devices");
        }
        if (operation.removes()) {
            requireRemoval(where + ".removes", operation);
        }
    }

    private static void requireRemoval(String where, Operation operation) {
        for (String method : operation.methods()) {
            if (!REMOVING.contains(method)) {
                // PUT is easily added to the line of DELETE by mistake. Each change to a device would then remove it.
                throw new CatalogException(where,
                        method + " cannot remove devices; define a separate operation with DELETE or POST");
            }
        }
        if (!operation.path().holdsDevice()) {
            throw new CatalogException(where, "the device to be removed must be in the path, as {device}");
        }
    }

    private static boolean bodyChecked(String where, @Nullable String body) {
        if (body == null || body.equals("checked")) {
            return body != null;
        }
        throw new CatalogException(where, "'" + body + "' is not valid here; the only value is 'checked'");
    }

    private static Set<String> methods(String where, String text) {
        Set<String> methods = new LinkedHashSet<>();
        for (String method : text.split(",", -1)) {
            if (Action.ofMethod(method).isEmpty()) {
                throw new CatalogException(where,
                        "'" + method + "' is not one of the methods GET, HEAD, POST, PUT, PATCH, DELETE");
            }
            methods.add(method);
            if (method.equals("GET")) {
                methods.add("HEAD");
            }
        }
        return Collections.unmodifiableSet(methods);
    }

    private static Optional<BackendAddress> backend(String where, @Nullable String text) {
        return text == null || text.isBlank() ? Optional.empty() : Optional.of(BackendAddress.parse(where, text));
    }
}
