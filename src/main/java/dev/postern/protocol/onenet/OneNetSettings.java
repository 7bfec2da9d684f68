package dev.postern.protocol.onenet;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of {@code /keys}: {@code postern.onenet.*}.
 *
 * @param maxKeysPerAccount How many API keys an account may have.
 * @param maxBody The largest body of a call of {@code /keys}; at most 1 GB.
 * @param bodyReadTimeout How long to wait for the body of a call of {@code /keys}.
 */
public record OneNetSettings(@DefaultValue("10000") int maxKeysPerAccount, @DefaultValue("1MB") DataSize maxBody,
        @DefaultValue("10s") Duration bodyReadTimeout) {
    public OneNetSettings {
        if (maxKeysPerAccount < 1) {
            throw new IllegalArgumentException("postern.onenet.max-keys-per-account must be at least 1");
        }
        if (maxBody.toBytes() < 1 || maxBody.toBytes() > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("postern.onenet.max-body must be between 1B and 1GB");
        }
        if (!bodyReadTimeout.isPositive()) {
            throw new IllegalArgumentException("postern.onenet.body-read-timeout must be more than 0");
        }
    }
}
