package dev.postern.console;

import dev.postern.management.SignIn;
import dev.postern.operator.FirstOperator;
import dev.postern.operator.Operator;
import dev.postern.operator.Operators;
import dev.postern.operator.Sessions;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Signing in, and the creation of the first operator. */
final class SignInPages {
    private static final String SIGN_IN = Site.CONSOLE.signIn();
    private static final String SETUP = Site.CONSOLE.root() + "/setup";

    private final SignIn signIn;
    private final Sessions sessions;
    private final FirstOperator first;
    private final SignInChoice choice;
    private final Templates templates;

    SignInPages(SignIn signIn, Sessions sessions, FirstOperator first, SignInChoice choice, Templates templates) {
        this.choice = choice;
        this.signIn = signIn;
        this.sessions = sessions;
        this.first = first;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(SIGN_IN, this::showSignIn);
        if (choice.isLocal()) {
            routes.POST(SIGN_IN, this::signIn).GET(SETUP, this::showSetup).POST(SETUP, this::setUp);
        }
    }

    private Mono<ServerResponse> showSignIn(ServerRequest request) {
        return signInPage(request, HttpStatus.OK, new Destination(request.queryParam("next").orElse(""), ""), "", "");
    }

    /**
     * Where somebody goes after signing in.
     *
     * @param next a path
     * @param kept a form that was sent to this path after the session had ended; empty if none was
     */
    record Destination(String next, String kept) {}

    /** Asks for the password, and keeps the form that was sent. */
    Mono<ServerResponse> keep(ServerRequest request, String kept) {
        return signInPage(request, HttpStatus.UNAUTHORIZED, new Destination(request.uri().getRawPath(), kept), "", "");
    }

    private Mono<ServerResponse> signInPage(ServerRequest request, HttpStatus status, Destination destination,
            String name, String error) {
        return choice.page(request, status, destination, name, error, "");
    }

    private Mono<ServerResponse> signIn(ServerRequest request) {
        if (!isFromHere(request)) {
            return Failures.page(templates, request, HttpStatus.FORBIDDEN, "failure.forgery", "");
        }
        return Forms.read(request).flatMap(form -> {
            String name = form.get("name").strip();
            Destination next = new Destination(form.get("next"), form.get("kept"));
            if (form.isStep()) {
                return signInPage(request, HttpStatus.OK, next, name, "");
            }
            return signIn.check(name, form.get("password"), Addresses.of(request)).flatMap(result -> switch (result) {
                case SignIn.Result.Correct(var operator) -> begin(request, operator, next);
                case SignIn.Result.Wrong _ -> signInPage(request, HttpStatus.UNAUTHORIZED, next, name, "sign-in.wrong");
                case SignIn.Result.TooMany _ -> signInPage(request, HttpStatus.TOO_MANY_REQUESTS, next, name,
                        "sign-in.too-many");
            });
        });
    }

    /** Each session gets a new ID, so that an ID planted in the browser beforehand is useless. */
    private Mono<ServerResponse> begin(ServerRequest request, Operator operator, Destination destination) {
        URI next = Site.CONSOLE.destination(destination.next());
        return sessions.begin(operator).flatMap(begun -> {
            ResponseCookie cookie = cookie(request, begun.id(), -1);
            if (destination.kept().isEmpty()) {
                return ServerResponse.seeOther(next).cookie(cookie).build();
            }
            request.exchange().getResponse().addCookie(cookie);
            return Kept.page(templates, request, HttpStatus.OK, Forms.parse(destination.kept()), next.toString(),
                    begun.session().csrf(), "kept.session", "kept.continue");
        });
    }

    /** @param seconds how long the browser keeps it; negative until the browser is closed, 0 to delete it */
    static ResponseCookie cookie(ServerRequest request, String value, long seconds) {
        return ResponseCookie.from(OperatorVisitors.COOKIE, value).httpOnly(true).sameSite("Strict").path("/")
                .maxAge(seconds)
                .secure(Addresses.isSecure(request)).build();
    }

    /**
     * Whether a form comes from the site itself. Without a session there is no CSRF token, so the browser's word must
     * do: {@code Sec-Fetch-Site}, which browsers send over TLS and to the machine itself, or else {@code Origin}.
     */
    static boolean isFromHere(ServerRequest request) {
        String site = request.headers().firstHeader("Sec-Fetch-Site");
        return site == null
                ? request.headers().header(HttpHeaders.ORIGIN).stream().allMatch(origin -> isOf(request, origin))
                : site.equals("same-origin") || site.equals("none");
    }

    private static boolean isOf(ServerRequest request, String origin) {
        return origin.endsWith("//" + request.headers().firstHeader(HttpHeaders.HOST));
    }

    private Mono<ServerResponse> showSetup(ServerRequest request) {
        String code = request.queryParam("code").orElse("");
        return first.isOffered(code).flatMap(offered -> offered
                ? setupPage(request, HttpStatus.OK, code, "", "", "")
                : Failures.page(templates, request, HttpStatus.NOT_FOUND, "setup.used", ""));
    }

    private Mono<ServerResponse> setupPage(ServerRequest request, HttpStatus status, String code, String name,
            String error, String detail) {
        Map<String, Object> model = new LinkedHashMap<>(
                Map.of("code", code, "name", name, "error", error, "detail", detail));
        return templates.page(status, Language.of(request), "setup", model);
    }

    private Mono<ServerResponse> setUp(ServerRequest request) {
        if (!isFromHere(request)) {
            return Failures.page(templates, request, HttpStatus.FORBIDDEN, "failure.forgery", "");
        }
        return Forms.read(request).flatMap(form -> {
            String code = form.get("code");
            String name = form.get("name").strip();
            String password = form.get("password");
            if (form.isStep()) {
                return setupPage(request, HttpStatus.OK, code, name, "", "");
            }
            if (!Operator.isName(name)) {
                return setupPage(request, HttpStatus.BAD_REQUEST, code, name, "setup.bad-name", "");
            }
            Optional<String> complaint = Operators.complaint(password, name);
            if (complaint.isPresent()) {
                return setupPage(request, HttpStatus.BAD_REQUEST, code, name, "setup.bad-password", complaint.get());
            }
            return first.create(code, name, password)
                    .flatMap(operator -> begin(request, operator, new Destination("", "")))
                    .switchIfEmpty(Mono.defer(() -> Failures.page(templates, request,
                            HttpStatus.NOT_FOUND, "setup.used", "")));
        });
    }

    /** Signs out: ends the session at all gates, and deletes the cookie. */
    Mono<ServerResponse> signOut(ServerRequest request) {
        return sessions.end(Visitor.of(request).sessionId())
                .then(ServerResponse.seeOther(URI.create(SIGN_IN)).cookie(cookie(request, "", 0)).build());
    }
}
