package dev.postern.telemetry;

import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The meters of devices and licenses. The only IDs in a tag are those of accounts near their limit, and their number is
 * limited.
 */
public final class LicenseMeters {
    /** Calls that a license did not cover (D1022), by {@code reason}. */
    private static final String DENIALS = "postern.license.denials";
    /** Seats of an account near its limit, by {@code account}. */
    private static final String SEATS = "postern.license.seats";
    /** Seats that are taken in such an account. */
    private static final String USED = "postern.license.seats.used";
    /** Devices without a seat in such an account. */
    private static final String WAITING = "postern.license.devices.waiting";
    /** Licenses that expire within the next 30 days. */
    private static final String EXPIRING = "postern.license.expiring";
    /** Devices that are cached as covered by a license. */
    private static final String REMEMBERED = "postern.license.remembered";
    /** Devices that are being registered or deleted because of a backend's reply. */
    private static final String LEARNING = "postern.devices.learning";
    /** Devices that could not be registered or deleted. */
    private static final String NOT_LEARNED = "postern.devices.learning.failures";

    private final MeterRegistry registry;
    private final FunctionCounters functionCounters;
    private final Map<DenyReason, Counter> denials = new ConcurrentHashMap<>();
    private final MultiGauge seats;
    private final MultiGauge used;
    private final MultiGauge waiting;

    public LicenseMeters(MeterRegistry registry) {
        this.registry = registry;
        this.functionCounters = new FunctionCounters(registry);
        this.seats = MultiGauge.builder(SEATS).description("Seats of an account near its limit").register(registry);
        this.used = MultiGauge.builder(USED).description("Seats that are taken in an account near its limit")
                .register(registry);
        this.waiting = MultiGauge.builder(WAITING).description("Devices without a seat in an account near its limit")
                .register(registry);
    }

    /** An account that is near its limit. */
    public record NearLimit(AccountId account, long seats, long used, long waiting) {}

    /** Counts a call that the license did not cover; ignores other reasons. */
    public void denied(DenyReason reason) {
        if (reason.isLicenseReason()) {
            denials.computeIfAbsent(reason, key -> Counter.builder(DENIALS)
                    .description("Calls that a license did not cover").tag("reason", key.word()).register(registry))
                    .increment();
        }
    }

    /** Shows these accounts instead of the previous ones. */
    public void nearLimit(List<NearLimit> accounts) {
        seats.register(accounts.stream().map(one -> row(one, one.seats())).toList(), true);
        used.register(accounts.stream().map(one -> row(one, one.used())).toList(), true);
        waiting.register(accounts.stream().map(one -> row(one, one.waiting())).toList(), true);
    }

    private static Row<?> row(NearLimit account, long value) {
        return Row.of(Tags.of("account", account.account().value()), value);
    }

    /** Registers the meters of all licenses together. */
    public void watch(Supplier<Number> expiring, Supplier<Number> remembered) {
        Gauge.builder(EXPIRING, expiring).description("Licenses that expire within the next 30 days")
                .register(registry);
        Gauge.builder(REMEMBERED, remembered).description("Devices that are cached as covered by a license")
                .register(registry);
    }

    /** Registers the meters of learning from the backend's replies. */
    public void watchLearning(Supplier<Number> running, DoubleSupplier failures) {
        Gauge.builder(LEARNING, running).description("Devices that are being registered or deleted")
                .register(registry);
        functionCounters.watch(NOT_LEARNED, "Devices that could not be registered or deleted", failures);
    }
}
