package dev.postern.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Whether anything was sent to Redis for a change. It goes along in the context of the change: what failed before anything was sent
 * has changed nothing, whereas of anything else that failed nobody knows.
 */
final class SendTracker {
    private final @Nullable SendTracker around;
    private volatile boolean anything;

    private SendTracker(@Nullable SendTracker around) {
        this.around = around;
    }

    /** For a change, which may be part of another. */
    static SendTracker within(ContextView context) {
        return new SendTracker(in(context).orElse(null));
    }

    static Optional<SendTracker> in(ContextView context) {
        return context.getOrEmpty(SendTracker.class);
    }

    void mark() {
        for (SendTracker change = this; change != null; change = change.around) {
            change.anything = true;
        }
    }

    boolean isAnything() {
        return anything;
    }
}
