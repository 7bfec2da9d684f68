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
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The operators who are signed in to the console. The operator is read at each request, so that a new role or a
 * deletion takes effect at once.
 */
final class OperatorVisitors implements Visitors {
    static final String COOKIE = "postern-session";

    private static final int MAX_ID = 100;

    private final Sessions sessions;
    private final Operators operators;
    private final SignInChoice choice;
    private final SignInPages signInPages;

    OperatorVisitors(Sessions sessions, Operators operators, SignInChoice choice, SignInPages signInPages) {
        this.sessions = sessions;
        this.operators = operators;
        this.choice = choice;
        this.signInPages = signInPages;
    }

    @Override
    public Mono<Visitor> find(ServerRequest request) {
        HttpCookie cookie = request.cookies().getFirst(COOKIE);
        return cookie == null || cookie.getValue().isEmpty() || cookie.getValue().length() > MAX_ID
                ? Mono.empty()
                : sessions.use(cookie.getValue()).flatMap(session -> caller(session, Addresses.of(request))
                        .map(caller -> new Visitor(cookie.getValue(), session.operator(), session.csrf(), caller)));
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

    @Override
    public URI signIn(ServerRequest request) {
        String back = request.method().equals(HttpMethod.GET) ? request.uri().getRawPath() : Site.CONSOLE.home();
        return URI.create(Site.CONSOLE.signIn() + "?next=" + URLEncoder.encode(back, StandardCharsets.UTF_8));
    }

    @Override
    public Mono<ServerResponse> keep(ServerRequest request, String typed) {
        return signInPages.keep(request, typed);
    }
}
