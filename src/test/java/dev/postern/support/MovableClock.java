package dev.postern.support;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** A clock that a test moves. Apart from that, it either runs or stands still. */
public final class MovableClock extends Clock {
    private final InstantSource base;
    private final ZoneId zone;
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final AtomicInteger reads = new AtomicInteger();
    private volatile @Nullable Thread interjected;

    private MovableClock(InstantSource base, ZoneId zone) {
        this.base = base;
        this.zone = zone;
    }

    /** Runs with the time of the machine. */
    public static MovableClock running() {
        return new MovableClock(InstantSource.system(), ZoneOffset.UTC);
    }

    /** Stands still. */
    public static MovableClock at(Instant instant) {
        return at(instant, ZoneOffset.UTC);
    }

    /** Stands still, and shows the local time of a zone. */
    public static MovableClock at(Instant instant, ZoneId zone) {
        return new MovableClock(InstantSource.fixed(instant), zone);
    }

    public void move(Duration by) {
        ahead.updateAndGet(by::plus);
    }

    /** Moves it to this time. */
    public void set(Instant instant) {
        ahead.set(Duration.between(base.instant(), instant));
    }

    /** Starts another thread when the time is read for the nth time from now, and waits until it blocks or ends. */
    public void interject(int read, Thread other) {
        interjected = other;
        reads.set(read);
    }

    @Override
    public Instant instant() {
        Thread other = interjected;
        if (other != null && reads.getAndDecrement() == 1) {
            other.start();
            while (other.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
        }
        return base.instant().plus(ahead.get());
    }

    @Override
    public long millis() {
        return instant().toEpochMilli();
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        throw new UnsupportedOperationException();
    }

    /** Puts a running one into a gate. */
    @Configuration(proxyBeanMethods = false)
    public static class InTheGate {
        @Bean
        @Primary
        MovableClock movableClock() {
            return running();
        }
    }
}
