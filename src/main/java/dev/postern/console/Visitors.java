package dev.postern.console;

import java.net.URI;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Knows who is signed in to a site, and where others can sign in. */
interface Visitors {
    /** Who makes the request; empty if nobody is signed in, or the session has just ended. */
    Mono<Visitor> find(ServerRequest request);

    /** The address at which to sign in. It is asked for after {@link #find} has found nobody. */
    URI signIn(ServerRequest request);

    /**
     * The page for signing in after a form was sent.
     *
     * @param typed the fields of the form, encoded; the form continues with them after the sign-in
     */
    Mono<ServerResponse> keep(ServerRequest request, String typed);
}
