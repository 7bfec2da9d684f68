package dev.postern.console;

import dev.postern.management.Caller;
import dev.postern.operator.Session;
import org.springframework.web.reactive.function.server.ServerRequest;

/** A signed-in operator who makes a request to the console. */
record Visitor(String sessionId, Session session, Caller caller) {
    private static final String ATTRIBUTE = Visitor.class.getName();

    void attachTo(ServerRequest request) {
        request.attributes().put(ATTRIBUTE, this);
    }

    /** Whether the request comes from a signed-in operator. */
    static boolean isKnown(ServerRequest request) {
        return request.attribute(ATTRIBUTE).isPresent();
    }

    static Visitor of(ServerRequest request) {
        return (Visitor) request.attribute(ATTRIBUTE).orElseThrow();
    }
}
