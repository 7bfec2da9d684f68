package dev.postern.console;

import dev.postern.management.Caller;
import dev.postern.operator.Identity;
import dev.postern.operator.Operator;
import dev.postern.operator.Operators;
import dev.postern.operator.Session;
import dev.postern.operator.Sessions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Admits only signed-in visitors, and only forms that come from the console itself. The operator is read at each
 * request, so that a new role or a deletion takes effect at once.
 */
final class SignedIn implements HandlerFilterFunction<ServerResponse, ServerResponse> {
    static final String COOKIE = "postern-session";

    private final Sessions sessions;
    private final Operators operators;
    private final SignInChoice choice;
    private final SignInPages signInPages;
    private final Templates templates;

    SignedIn(Sessions sessions, Operators operators, SignInChoice choice, SignInPages signInPages,
            Templates templates) {
        this.choice = choice;
        this.signInPages = signInPages;
        this.sessions = sessions;
        this.operators = operators;
        this.templates = templates;
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> next) {
        return visitor(request).flatMap(visitor -> isForgery(request, visitor)
                .flatMap(forgery -> forgery
                        ? Failures.page(templates, request, HttpStatus.FORBIDDEN, "failure.forgery", "")
                        : next.handle(request)))
                .switchIfEmpty(Mono.defer(() -> toSignIn(request)));
    }

    private Mono<Visitor> visitor(ServerRequest request) {
        HttpCookie cookie = request.cookies().getFirst(COOKIE);
        return cookie == null || cookie.getValue().isEmpty() || cookie.getValue().length() > 100
                ? Mono.empty()
                : sessions.use(cookie.getValue())
                        .flatMap(session -> caller(session, Addresses.of(request))
                                .map(caller -> new Visitor(cookie.getValue(), session, caller)))
                        .doOnNext(visitor -> visitor.attachTo(request));
    }

    /**
     * Empty if the operator was disabled or deleted, or has a new password; for an identity, if its groups no longer
     * have a role.
     */
    private Mono<Caller> caller(Session session, String source) {
        if (session.identity().isPresent()) {
            Identity identity = session.identity().get();
            return Mono.justOrEmpty(choice.role(identity).map(role -> Caller.identity(identity, role, source)));
        }
        if (!choice.isLocal()) {
            return Mono.empty();
        }
        return operators.find(session.operator()).filter(Operator::enabled)
                .filter(operator -> sessions.isOf(session, operator))
                .map(operator -> Caller.operator(operator.name(), operator.role(), source));
    }

    /** Whether a form was not sent by a page of this session. */
    private static Mono<Boolean> isForgery(ServerRequest request, Visitor visitor) {
        if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
            return Mono.just(false);
        }
        List<String> header = request.headers().header("X-CSRF-Token");
        return header.isEmpty()
                ? Forms.read(request).map(form -> !isEqual(form.getOrDefault("_csrf", ""), visitor.session().csrf()))
                : Mono.just(!isEqual(header.getFirst(), visitor.session().csrf()));
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
                : signInPages.keep(request, typed));
    }

    private static Mono<ServerResponse> redirect(ServerRequest request, boolean script) {
        String back = request.method().equals(HttpMethod.GET) ? request.uri().getRawPath() : ConsoleFilter.ROOT + "/";
        URI target = URI.create(
                ConsoleFilter.ROOT + "/sign-in?next=" + URLEncoder.encode(back, StandardCharsets.UTF_8));
        return script
                ? ServerResponse.noContent().header("HX-Redirect", target.toString()).build()
                : ServerResponse.seeOther(target).build();
    }
}
