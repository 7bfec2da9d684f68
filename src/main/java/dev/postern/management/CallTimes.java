package dev.postern.management;

import dev.postern.management.contract.Operation;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Measures how long each operation of the management API takes, from its arrival until its reply was written. */
@Order(Integer.MIN_VALUE)
final class CallTimes implements WebFilter {
    private static final Duration[] BOUNDARIES = {Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(200),
            Duration.ofSeconds(1), Duration.ofSeconds(5)};

    private final MeterRegistry registry;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();

    CallTimes(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return Mono.defer(() -> {
            long start = System.nanoTime();
            // Only calls that are routed to an operation: the label has as many values as there are operations.
            return chain.filter(exchange).doFinally(_ -> Operation.find(exchange.getAttributes())
                    .ifPresent(operation -> timer(operation.id()).record(Duration.ofNanos(System.nanoTime() - start))));
        });
    }

    private Timer timer(String operation) {
        return timers.computeIfAbsent(operation, id -> Timer.builder("postern.management.call")
                .description("From the arrival of a management call until its reply was written").tag("operation", id)
                .serviceLevelObjectives(BOUNDARIES).register(registry));
    }
}
