package dev.postern.call;

import dev.postern.store.CacheSettings;
import dev.postern.store.ChangeView;
import java.util.Locale;

/**
 * Tells clients, if the operator has enabled it, by how many seconds the decision about their call may have been behind
 * Redis.
 */
final class Staleness {
    static final String HEADER = "X-Postern-Staleness";
    private static final double MILLIS_PER_SECOND = 1000;

    private final ChangeView view;
    private final boolean wanted;

    Staleness(ChangeView view, CacheSettings settings) {
        this.view = view;
        this.wanted = settings.responseHeader();
    }

    /** Notes the present staleness, because the call is decided now. */
    void note(Call call) {
        if (wanted) {
            call.staleness(String.format(Locale.ROOT, "%.3f; %s", view.staleness().toMillis() / MILLIS_PER_SECOND,
                    view.state().word()));
        }
    }
}
