package dev.postern.proxy;

import java.time.Duration;
import java.util.Optional;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/**
 * Timeouts that the operator has configured for one route, besides those of all backends.
 *
 * @param connect  for the TCP handshake
 * @param response until the head of the response has arrived
 */
record RouteTimeouts(Optional<Duration> connect, Optional<Duration> response) {
    static RouteTimeouts of(Route route) {
        return new RouteTimeouts(millis(route, RouteMetadataUtils.CONNECT_TIMEOUT_ATTR),
                millis(route, RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR));
    }

    private static Optional<Duration> millis(Route route, String attribute) {
        return Optional.ofNullable(route.getMetadata().get(attribute))
                .map(value -> Long.parseLong(value.toString())).filter(limit -> limit > 0).map(Duration::ofMillis);
    }
}
