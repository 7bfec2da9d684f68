package dev.postern.console;

import dev.postern.management.KeyHolderSignIn;
import dev.postern.operator.KeyHolderSessions;
import java.net.URI;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Signing in to the key holder's page with a master key, and signing out. */
final class KeyHolderPages {
    private static final String ROOT = Site.KEY_HOLDER.root();
    private static final String SIGN_IN = ROOT + "/sign-in";

    private final KeyHolderSignIn signIn;
    private final KeyHolderSessions sessions;
    private final KeyHolderVisitors visitors;
    private final KeyHolderSignInPage page;
    private final Templates templates;

    KeyHolderPages(KeyHolderSignIn signIn, KeyHolderSessions sessions, KeyHolderVisitors visitors,
            KeyHolderSignInPage page, Templates templates) {
        this.signIn = signIn;
        this.sessions = sessions;
        this.visitors = visitors;
        this.page = page;
        this.templates = templates;
    }

    void addOpenTo(RouterFunctions.Builder routes) {
        routes.GET(ROOT, this::showSignIn).GET(ROOT + "/", _ -> seeOther(ROOT)).GET(SIGN_IN, _ -> seeOther(ROOT))
                .POST(SIGN_IN, this::signIn);
    }

    void addClosedTo(RouterFunctions.Builder routes) {
        routes.POST(ROOT + "/sign-out", this::signOut);
    }

    private static Mono<ServerResponse> seeOther(String path) {
        return ServerResponse.seeOther(URI.create(path)).build();
    }

    /**
     * Refuses what a page of another origin asks for. {@code postern.cors} can allow an origin to make calls with
     * cookies. Such an origin is usually of the same site, so browsers would send the session cookie with its calls,
     * and its pages could read what they return.
     */
    Mono<ServerResponse> fromHere(ServerRequest request, HandlerFunction<ServerResponse> next) {
        return request.headers().header(HttpHeaders.ORIGIN).isEmpty() || SignInPages.isFromHere(request)
                ? next.handle(request)
                : forgery(request);
    }

    private Mono<ServerResponse> forgery(ServerRequest request) {
        return Failures.page(templates, request, HttpStatus.FORBIDDEN, "failure.forgery", "");
    }

    private Mono<ServerResponse> showSignIn(ServerRequest request) {
        return visitors.find(request).flatMap(_ -> seeOther(Site.KEY_HOLDER.home()))
                .switchIfEmpty(Mono.defer(() -> page.show(request, HttpStatus.OK,
                        new SignInPages.Destination(request.queryParam("next").orElse(""), ""), "",
                        KeyHolderVisitors.reason(request))));
    }

    private Mono<ServerResponse> signIn(ServerRequest request) {
        if (!SignInPages.isFromHere(request)) {
            return forgery(request);
        }
        return Forms.read(request).flatMap(form -> {
            SignInPages.Destination next = new SignInPages.Destination(form.get("next"), form.get("kept"));
            return form.isStep()
                    ? page.show(request, HttpStatus.OK, next, "", "")
                    : signIn.signIn(form.get(Forms.MASTER_KEY).strip(), Addresses.of(request))
                            .flatMap(result -> switch (result) {
                                case KeyHolderSignIn.Result.SignedIn(var begun) -> begin(request, begun, next);
                                case KeyHolderSignIn.Result.Wrong _ -> page.show(request, HttpStatus.UNAUTHORIZED,
                                        next, "me.sign-in.wrong", "");
                                case KeyHolderSignIn.Result.TooMany _ -> page.show(request,
                                        HttpStatus.TOO_MANY_REQUESTS, next, "me.sign-in.too-many", "");
                            });
        });
    }

    /** Each session gets a new ID, so that an ID planted in the browser beforehand is useless. */
    private Mono<ServerResponse> begin(ServerRequest request, KeyHolderSessions.Begun begun,
            SignInPages.Destination destination) {
        URI next = Site.KEY_HOLDER.destination(destination.next());
        ResponseCookie cookie = KeyHolderVisitors.cookie(request, begun.id(), -1);
        if (destination.kept().isEmpty()) {
            return ServerResponse.seeOther(next).cookie(cookie).build();
        }
        request.exchange().getResponse().addCookie(cookie);
        return Kept.page(templates, request, HttpStatus.OK, Forms.parse(destination.kept()), next.toString(),
                begun.session().csrf(), "kept.session", "kept.continue");
    }

    /** Ends the session at all gates, and deletes the cookie. */
    private Mono<ServerResponse> signOut(ServerRequest request) {
        return sessions.end(Visitor.of(request).sessionId()).then(ServerResponse.seeOther(URI.create(ROOT))
                .cookie(KeyHolderVisitors.cookie(request, "", 0)).build());
    }
}
