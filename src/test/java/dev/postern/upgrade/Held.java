package dev.postern.upgrade;

import java.time.Duration;
import java.util.function.Supplier;

/** A credential as its holder has it. */
final class Held {
    private static final Duration RENEWED = Duration.ofMinutes(2);

    private final Kind kind;
    private final String id;
    private final Supplier<String> maker;
    private String token = "";
    private long made;

    /** The kind of a credential. */
    enum Kind {
        MASTER_KEY, API_KEY, STATIC_TOKEN, ACCESS_TOKEN, TERMINAL, RSA_TOKEN, JWT_TOKEN, ISSUER_TOKEN
    }

    /**
     * @param id    of the resource in the management API
     * @param maker makes what is presented to a gate; called again and again, since tokens that clients make expire soon
     */
    Held(Kind kind, String id, Supplier<String> maker) {
        this.kind = kind;
        this.id = id;
        this.maker = maker;
    }

    Kind kind() {
        return kind;
    }

    String id() {
        return id;
    }

    /** What is presented to a gate. */
    String presented() {
        long now = System.nanoTime();
        if (token.isEmpty() || now - made > RENEWED.toNanos()) {
            token = maker.get();
            made = now;
        }
        return token;
    }
}
