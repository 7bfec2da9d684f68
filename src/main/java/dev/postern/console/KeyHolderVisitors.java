package dev.postern.console;

import dev.postern.management.KeyHolderSignIn;
import dev.postern.operator.KeyHolderSession;
import dev.postern.operator.KeyHolderSessions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The key holders who are signed in to their page. The master key is read at each request: a session ends with the key
 * that began it.
 */
final class KeyHolderVisitors implements Visitors {
    static final String COOKIE = "postern-key-holder";
    /** The query parameter that says why a session has ended. */
    static final String ENDED = "ended";
    /** The master key is not valid any more. */
    static final String KEY = "key";

    /** The session has ended by itself, or with the sign-out. */
    private static final String SESSION = "session";
    private static final String ATTRIBUTE = KeyHolderVisitors.class.getName();

    private final KeyHolderSessions sessions;
    private final KeyHolderSignIn signIn;
    private final KeyHolderSignInPage page;

    KeyHolderVisitors(KeyHolderSessions sessions, KeyHolderSignIn signIn, KeyHolderSignInPage page) {
        this.sessions = sessions;
        this.signIn = signIn;
        this.page = page;
    }

    static ResponseCookie cookie(ServerRequest request, String value, long seconds) {
        return ResponseCookie.from(COOKIE, value).httpOnly(true).sameSite("Strict").path(Site.KEY_HOLDER.root())
                .maxAge(seconds).secure(Addresses.isSecure(request)).build();
    }

    /** The ID in the cookie; empty text if no gate made it. */
    private String id(ServerRequest request) {
        HttpCookie cookie = request.cookies().getFirst(COOKIE);
        return cookie != null && sessions.isId(cookie.getValue()) ? cookie.getValue() : "";
    }

    @Override
    public Mono<Visitor> find(ServerRequest request) {
        String id = id(request);
        if (id.isEmpty()) {
            return Mono.empty();
        }
        request.attributes().put(ATTRIBUTE, SESSION);
        return sessions.use(id).flatMap(session -> find(request, id, session));
    }

    private Mono<Visitor> find(ServerRequest request, String id, KeyHolderSession session) {
        return signIn.caller(session, Addresses.of(request))
                .map(caller -> new Visitor(id, caller.accountId(), session.csrf(), caller))
                .switchIfEmpty(Mono.defer(() -> {
                    request.attributes().put(ATTRIBUTE, KEY);
                    return sessions.end(id).then(Mono.empty());
                }));
    }

    /** The key of the text that says why a session has ended; empty if there was no session. */
    static String reason(ServerRequest request) {
        String why = request.attribute(ATTRIBUTE).map(String::valueOf).orElse("");
        return request.queryParam(ENDED).filter(KEY::equals).or(() -> List.of(KEY, SESSION).stream()
                .filter(why::equals).findFirst()).map(word -> "me.ended." + word).orElse("");
    }

    @Override
    public URI signIn(ServerRequest request) {
        String back = request.method().equals(HttpMethod.GET) ? request.uri().getRawPath() : Site.KEY_HOLDER.home();
        return URI.create(Site.KEY_HOLDER.signIn() + "?next=" + URLEncoder.encode(back, StandardCharsets.UTF_8)
                + (KEY.equals(request.attributes().get(ATTRIBUTE)) ? "&" + ENDED + "=" + KEY : ""));
    }

    @Override
    public Mono<ServerResponse> keep(ServerRequest request, String typed) {
        return page.show(request, HttpStatus.UNAUTHORIZED,
                new SignInPages.Destination(request.uri().getRawPath(), typed), "", reason(request));
    }
}
