package dev.postern.console;

import dev.postern.management.Caller;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Somebody who is signed in and makes a request.
 *
 * @param name to show
 * @param csrf must come with every form
 */
record Visitor(String sessionId, String name, String csrf, Caller caller) {
    private static final String ATTRIBUTE = Visitor.class.getName();

    void attachTo(ServerRequest request) {
        request.attributes().put(ATTRIBUTE, this);
    }

    /** Whether the request comes from somebody who is signed in. */
    static boolean isKnown(ServerRequest request) {
        return request.attribute(ATTRIBUTE).isPresent();
    }

    static Visitor of(ServerRequest request) {
        return (Visitor) request.attribute(ATTRIBUTE).orElseThrow();
    }
}
