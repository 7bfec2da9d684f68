package dev.postern.console;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Imports devices. A script sends a file part by part, and so knows how far it is, and can repeat a part; without
 * scripts, the lines are sent as a form.
 */
final class ImportPages {
    private static final String PATH = ConsoleFilter.ROOT + "/accounts/{account}/import";

    private final Api api;
    private final Templates templates;

    ImportPages(Api api, Templates templates) {
        this.api = api;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(PATH, request -> show(request, "", Map.of(), Optional.empty())).POST(PATH, this::importForm)
                .POST(PATH + "/part", this::importPart);
    }

    private Mono<ServerResponse> show(ServerRequest request, String lines, Map<String, Object> tally,
            Optional<Api.RefusedException> refused) {
        return Page.of(templates, request, "import").with("account", request.pathVariable("account"))
                .with("active", "devices").with("lines", lines).with("tally", tally).refused(refused)
                .show(refused.map(why -> HttpStatus.valueOf(why.status())).orElse(HttpStatus.OK));
    }

    private static String api(ServerRequest request) {
        return Api.path(request.pathVariable("account"), "devices") + ":import";
    }

    private Mono<ServerResponse> importForm(ServerRequest request) {
        return Forms.read(request).flatMap(form -> {
            String lines = form.get("lines");
            return form.isStep() || lines.isBlank()
                    ? show(request, lines, Map.of(), Optional.empty())
                    : api.sendLines(request, api(request), json(lines)).map(Api::read)
                            .flatMap(tally -> show(request, "", tally, Optional.empty()))
                            .onErrorResume(Api.RefusedException.class,
                                    refused -> show(request, lines, Map.of(), Optional.of(refused)));
        });
    }

    /** The body is lines; the reply is that of the API. */
    private Mono<ServerResponse> importPart(ServerRequest request) {
        return Forms.text(request).flatMap(lines -> api.sendLines(request, api(request), json(lines)))
                .flatMap(reply -> ServerResponse.status(reply.status()).contentType(MediaType.APPLICATION_JSON)
                        .cacheControl(CacheControl.noStore()).bodyValue(reply.body()));
    }

    static byte[] json(String lines) {
        return lines.lines().map(ImportPages::line).collect(Collectors.joining("\n")).getBytes(StandardCharsets.UTF_8);
    }

    /** A line is a JSON object, or an ID that a title, a project and a user may follow, separated by commas or tabs. */
    private static String line(String text) {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("{")) {
            return line;
        }
        String[] parts = line.split("\\s*[,;\\t]\\s*", 4);
        ObjectNode json = Api.object().put("id", parts[0]).put("title",
                parts.length > 1 && !parts[1].isEmpty() ? parts[1] : parts[0]);
        if (parts.length > 2 && !parts[2].isEmpty()) {
            json.put("project", parts[2]);
        }
        if (parts.length > 3 && !parts[3].isEmpty()) {
            json.put("user", parts[3]);
        }
        return json.toString();
    }
}
