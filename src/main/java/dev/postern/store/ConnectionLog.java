package dev.postern.store;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs once when a {@link StoreConnection} is lost and once when it is back; Lettuce logs every attempt in between. An
 * outage of Redis affects the connections for decisions and for management; only the former reports it.
 */
final class ConnectionLog {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    private final @Nullable StoreConnection decisions;
    private final AtomicBoolean lost = new AtomicBoolean();

    /** @param decisions the connection for decisions; null when this is the log of that connection */
    ConnectionLog(@Nullable StoreConnection decisions) {
        this.decisions = decisions;
    }

    void warn(String message) {
        if (decisions == null) {
            LOG.warn("{}", message);
        } else if (decisions.isConnected()) {
            LOG.warn("On the management connection: {}", message);
        }
    }

    void opened() {
        lost.set(false);
    }

    void openedInBackground() {
        LOG.atLevel(decisions == null ? Level.INFO : Level.DEBUG).log("Connected to Redis");
    }

    void lost() {
        if (decisions == null && lost.compareAndSet(false, true)) {
            LOG.warn(
                    "The connection to Redis is lost. Cached records stay valid during the grace period; other calls are"
                            + " answered with store_unavailable until Redis is back");
        }
    }

    void back() {
        if (lost.compareAndSet(true, false)) {
            LOG.info("Redis is back");
        }
    }
}
