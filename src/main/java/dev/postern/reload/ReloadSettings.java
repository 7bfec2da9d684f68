package dev.postern.reload;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When the settings are read again: {@code postern.reload.*}. A call of the management API and the signal HUP also read
 * them.
 *
 * @param watch Whether the gate reloads its catalogue and backends when a settings file changes.
 * @param interval How often the gate looks for changed files. It reloads when it finds no further change, so a change
 *     takes effect after one to two intervals.
 */
public record ReloadSettings(@DefaultValue("true") boolean watch, @DefaultValue("2s") Duration interval) {
    public ReloadSettings {
        if (interval.toMillis() < 100) {
            throw new IllegalArgumentException("postern.reload.interval must be at least 100ms");
        }
    }
}
