package dev.postern.console;

import dev.postern.oidc.OidcSettings;
import dev.postern.oidc.OidcSignIn;
import dev.postern.oidc.OidcSignIn.Outcome;
import dev.postern.oidc.ProviderUnavailableException;
import dev.postern.oidc.Returned;
import dev.postern.operator.Identity;
import dev.postern.operator.Sessions;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Signing in with the identity provider: sends the browser there, and receives it back. */
final class OidcPages {
    static final String BEGIN = "/login/oidc";

    private static final String COOKIE = "postern-oidc";
    private static final long MAX_SECONDS = 600;
    private static final Pattern HOST = Pattern
            .compile("[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]+](:[0-9]{1,5})?");

    private final OidcSignIn signIn;
    private final Sessions sessions;
    private final SignInChoice choice;
    private final Templates templates;

    OidcPages(OidcSignIn signIn, Sessions sessions, SignInChoice choice, Templates templates) {
        this.signIn = signIn;
        this.sessions = sessions;
        this.choice = choice;
        this.templates = templates;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(BEGIN, this::begin).GET(OidcSettings.CALLBACK, this::complete);
    }

    private Mono<ServerResponse> begin(ServerRequest request) {
        String next = request.queryParam("next").orElse("");
        return callback(request).map(address -> signIn.begin(next, address)
                .flatMap(begun -> ServerResponse.seeOther(begun.to())
                        .cookie(cookie(request, begun.cookie(), MAX_SECONDS)).build())
                .onErrorResume(ProviderUnavailableException.class, _ -> choice.page(request,
                        HttpStatus.SERVICE_UNAVAILABLE, new SignInPages.Destination(next, ""), "",
                        "sign-in.oidc.unavailable", "")))
                .orElseGet(() -> Failures.page(templates, request, HttpStatus.BAD_REQUEST, "failure.malformed", ""));
    }

    /** The address to which the provider sends the browser back: where the browser is now. */
    private static Optional<String> callback(ServerRequest request) {
        List<String> hosts = request.headers().header("Host");
        return hosts.size() == 1 && HOST.matcher(hosts.getFirst()).matches()
                ? Optional.of((Addresses.isSecure(request) ? "https://" : "http://") + hosts.getFirst()
                        + OidcSettings.CALLBACK)
                : Optional.empty();
    }

    private Mono<ServerResponse> complete(ServerRequest request) {
        HttpCookie cookie = request.cookies().getFirst(COOKIE);
        return signIn.complete(Returned.read(name -> only(request, name)), cookie == null ? "" : cookie.getValue(),
                Addresses.of(request)).flatMap(outcome -> switch (outcome) {
                    case Outcome.Completed(var identity, var next) -> signedIn(request, identity, next);
                    case Outcome.Refused(var why, var detail) -> refused(request, why, detail);
                });
    }

    private static Optional<String> only(ServerRequest request, String name) {
        List<String> values = request.queryParams().getOrDefault(name, List.of());
        return values.size() == 1 ? Optional.ofNullable(values.getFirst()) : Optional.empty();
    }

    /**
     * Begins the session. The browser comes from the site of the provider, and after a redirect it would not send the
     * session cookie, which is for requests from this site only. So this page sends the browser on.
     */
    private Mono<ServerResponse> signedIn(ServerRequest request, Identity identity, String next) {
        URI destination = Site.CONSOLE.destination(next);
        return sessions.begin(identity).flatMap(begun -> templates.page(HttpStatus.OK, Language.of(request),
                "signed-in", Map.of("destination", destination.toString()),
                SignInPages.cookie(request, begun.id(), -1), cookie(request, "", 0)));
    }

    private Mono<ServerResponse> refused(ServerRequest request, OidcSignIn.Refusal why, String detail) {
        return switch (why) {
            case UNKNOWN_ATTEMPT -> page(request, HttpStatus.BAD_REQUEST, "sign-in.oidc.unknown-attempt", detail);
            case BY_PROVIDER -> page(request, HttpStatus.UNAUTHORIZED, "sign-in.oidc.by-provider", detail);
            case TOKEN_INVALID -> page(request, HttpStatus.UNAUTHORIZED, "sign-in.oidc.token-invalid", detail);
            case NO_ROLE -> page(request, HttpStatus.FORBIDDEN, "sign-in.oidc.no-role", detail);
            case TOO_MANY -> page(request, HttpStatus.TOO_MANY_REQUESTS, "sign-in.too-many", detail);
            case PROVIDER_UNAVAILABLE ->
                page(request, HttpStatus.SERVICE_UNAVAILABLE, "sign-in.oidc.unavailable", detail);
        };
    }

    private Mono<ServerResponse> page(ServerRequest request, HttpStatus status, String error, String detail) {
        return choice.page(request, status, new SignInPages.Destination("", ""), "", error, detail);
    }

    /** Binds an attempt to the browser. It must come with the redirect from the provider, so it cannot be Strict. */
    private static ResponseCookie cookie(ServerRequest request, String value, long seconds) {
        return ResponseCookie.from(COOKIE, value).httpOnly(true).sameSite("Lax").path(BEGIN).maxAge(seconds)
                .secure(Addresses.isSecure(request)).build();
    }
}
