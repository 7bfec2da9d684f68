package dev.postern.inbound;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a gate stops: {@code postern.drain.*}.
 *
 * @param pause How long a gate that was told to stop serves as before. Meanwhile its readiness fails, and its HTTP/1.1
 *     answers close their connections, so that load balancers stop sending calls.
 */
public record DrainSettings(@DefaultValue("0s") Duration pause) {
    public DrainSettings {
        if (pause.isNegative()) {
            throw new IllegalArgumentException("postern.drain.pause must not be negative");
        }
    }
}
