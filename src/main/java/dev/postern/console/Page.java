package dev.postern.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Builds a page for a signed-in visitor: what every page shows, and what this page adds. */
final class Page {
    private final Templates templates;
    private final ServerRequest request;
    private final String template;
    private final Map<String, Object> model = new LinkedHashMap<>();

    /** A link above the title. */
    record Crumb(String text, String path) {}

    private Page(Templates templates, ServerRequest request, String template) {
        this.templates = templates;
        this.request = request;
        this.template = template;
        Visitor visitor = Visitor.of(request);
        model.put("visitor", visitor.name());
        model.put("role", visitor.caller().role().word());
        model.put("csrf", visitor.csrf());
        model.put("path", request.uri().getRawPath());
        model.put("crumbs", List.of());
        model.put("active", "");
        model.put("error", "");
        model.put("account", "");
    }

    static Page of(Templates templates, ServerRequest request, String template) {
        return new Page(templates, request, template);
    }

    Page with(String name, Object value) {
        model.put(name, value);
        return this;
    }

    Page withAll(Map<String, ?> values) {
        model.putAll(values);
        return this;
    }

    /** Shows why the API refused. */
    Page refused(Optional<Api.RefusedException> refused) {
        refused.ifPresent(why -> model.put("error", why.detail()));
        return this;
    }

    Mono<ServerResponse> show() {
        return show(HttpStatus.OK);
    }

    Mono<ServerResponse> show(HttpStatus status) {
        Receipt.of(request).ifPresent(receipt -> model.put("receipt", receipt));
        return templates.page(status, Language.of(request), template, model);
    }
}
