package dev.postern.issuance;

import dev.postern.issuance.ExpiringCredentials.Expiring;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Counts the credentials that expire soon, for the metrics. All gates count the same. */
public final class ExpiringWatch implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiringWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofDays(7);

    private final ExpiringCredentials credentials;
    private final Clock clock;
    private volatile long expiring;
    private @Nullable Disposable ticking;

    public ExpiringWatch(ExpiringCredentials credentials, Clock clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Counts again. */
    public Mono<Void> look() {
        return credentials.soon().doOnNext(soon -> {
            Instant end = clock.instant().plus(SOON);
            expiring = soon.stream().map(Expiring::expires).filter(end::isAfter).count();
        }).then();
    }

    /** Credentials that expire within a week, of all accounts; at most as many as {@link ExpiringCredentials#soon}. */
    public long expiring() {
        return expiring;
    }

    @Override
    public void start() {
        ticking = Flux.interval(Duration.ZERO, INTERVAL).onBackpressureDrop()
                .concatMap(_ -> look().onErrorResume(failure -> {
                    LOG.debug("The expiring credentials could not be counted: {}", failure.toString());
                    return Mono.empty();
                }), 1).subscribe();
    }

    @Override
    public void stop() {
        Disposable present = ticking;
        if (present != null) {
            present.dispose();
        }
        ticking = null;
    }

    @Override
    public boolean isRunning() {
        return ticking != null;
    }
}
