package dev.postern.console;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Admits only signed-in visitors, and only forms that come from the site itself. */
final class SignedIn implements HandlerFilterFunction<ServerResponse, ServerResponse> {
    private final Visitors visitors;
    private final Templates templates;

    SignedIn(Visitors visitors, Templates templates) {
        this.visitors = visitors;
        this.templates = templates;
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> next) {
        return visitors.find(request).doOnNext(visitor -> visitor.attachTo(request))
                .flatMap(visitor -> isForgery(request, visitor)
                        .flatMap(forgery -> forgery
                                ? Failures.page(templates, request, HttpStatus.FORBIDDEN, "failure.forgery", "")
                                : next.handle(request)))
                .switchIfEmpty(Mono.defer(() -> toSignIn(request)));
    }

    /** Whether a form was not sent by a page of this session. */
    private static Mono<Boolean> isForgery(ServerRequest request, Visitor visitor) {
        if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
            return Mono.just(false);
        }
        List<String> header = request.headers().header("X-CSRF-Token");
        return header.isEmpty()
                ? Forms.read(request).map(form -> !isEqual(form.getOrDefault("_csrf", ""), visitor.csrf()))
                : Mono.just(!isEqual(header.getFirst(), visitor.csrf()));
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private Mono<ServerResponse> toSignIn(ServerRequest request) {
        boolean script = !request.headers().header("HX-Request").isEmpty();
        if (script && request.method().equals(HttpMethod.POST)) {
            // The script sends the form as a page, which keeps what was typed.
            return ServerResponse.noContent().header("HX-Trigger", "sessionEnded").build();
        }
        return Kept.typed(request).flatMap(typed -> typed.isEmpty()
                ? redirect(request, script)
                : visitors.keep(request, typed));
    }

    private Mono<ServerResponse> redirect(ServerRequest request, boolean script) {
        URI target = visitors.signIn(request);
        return script
                ? ServerResponse.noContent().header("HX-Redirect", target.toString()).build()
                : ServerResponse.seeOther(target).build();
    }
}
