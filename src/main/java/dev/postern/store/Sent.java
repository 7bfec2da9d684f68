package dev.postern.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Whether anything was sent to Redis for a change. It goes along in the context of the change: what failed before anything was sent
 * has changed nothing, whereas of anything else that failed nobody knows.
 */
final class Sent {
    private final @Nullable Sent around;
    private volatile boolean anything;

    private Sent(@Nullable Sent around) {
        this.around = around;
    }

    /** For a change, which may be part of another. */
    static Sent within(ContextView context) {
        return new Sent(in(context).orElse(null));
    }

    static Optional<Sent> in(ContextView context) {
        return context.getOrEmpty(Sent.class);
    }

    void mark() {
        for (Sent change = this; change != null; change = change.around) {
            change.anything = true;
        }
    }

    boolean isAnything() {
        return anything;
    }
}
