package dev.postern.store;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs when a {@link StoreConnection} is lost and when it is back, once for each time; Lettuce logs every try in between. An
 * outage of Redis concerns both connections of a gate, and is reported once, by the one for decisions.
 */
final class ConnectionLog {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    private final @Nullable StoreConnection decisions;
    private final AtomicBoolean lost = new AtomicBoolean();

    /** @param decisions the connection for decisions; null when the log is of that one itself */
    ConnectionLog(@Nullable StoreConnection decisions) {
        this.decisions = decisions;
    }

    void warn(String message) {
        if (decisions == null) {
            LOG.warn("{}", message);
        } else if (decisions.isConnected()) {
            LOG.warn("The connection of management: {}", message);
        }
    }

    void opened() {
        lost.set(false);
    }

    void openedInBackground() {
        LOG.atLevel(decisions == null ? Level.INFO : Level.DEBUG).log("Redis has been reached.");
    }

    void lost() {
        if (decisions == null && lost.compareAndSet(false, true)) {
            LOG.warn(
                    "The connection to Redis is lost. What is remembered counts for as long as the grace lasts; all else"
                            + " is answered with store_unavailable until it is back");
        }
    }

    void back() {
        if (lost.compareAndSet(true, false)) {
            LOG.info("Redis is back");
        }
    }
}
