package dev.postern.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Tracks whether anything was sent to Redis for a change. It travels in the Reactor context of the change. A change
 * that failed before anything was sent changed nothing; for any other failure the outcome is unknown.
 */
final class SendTracker {
    private final @Nullable SendTracker around;
    private volatile boolean anything;

    private SendTracker(@Nullable SendTracker around) {
        this.around = around;
    }

    /** Creates a tracker for a change, which may be part of another change. */
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
