package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Registers and deletes devices in the background when the backend adds or deletes them. */
public final class LearnedDevices {
    private static final Logger LOG = LoggerFactory.getLogger(LearnedDevices.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int RETRIES = 8;

    private final Devices devices;
    private final LongAdder failures = new LongAdder();

    public LearnedDevices(Devices devices) {
        this.devices = devices;
    }

    /** Called when the backend has added a device to an account. */
    public void registered(AccountId account, DeviceId device) {
        String mark = Devices.newMark();
        devices.registrations().run(account, device, retried(account, device,
                devices.add(account, List.of(NewDevice.untitled(device)), mark).doOnNext(outcomes -> {
                    AddDeviceOutcome outcome = outcomes.getFirst();
                    if (outcome != AddDeviceOutcome.ADDED && outcome != AddDeviceOutcome.ALREADY_THERE) {
                        failures.increment();
                        LOG.warn("The backend added device {} for account {}, but it cannot be registered: {}", device,
                                account, outcome.text());
                    }
                })));
    }

    /** Called when the backend has deleted a device of an account. */
    public void removed(AccountId account, DeviceId device) {
        devices.registrations().run(account, device, retried(account, device, devices.delete(account, device)));
        // From now on, calls to the device wait for its removal.
        devices.forget(account);
    }

    private <T> Mono<T> retried(AccountId account, DeviceId device, Mono<T> change) {
        return change.retryWhen(Retry.backoff(RETRIES, FIRST_RETRY).maxBackoff(LAST_RETRY)
                .filter(StoreUnavailableException.class::isInstance)).doOnError(failure -> {
                    failures.increment();
                    LOG.warn("A change by the backend to device {} of account {} could not be recorded: {}", device,
                            account, failure.toString());
                });
    }

    /** The number of changes in progress. */
    public int running() {
        return devices.registrations().size();
    }

    /** The number of changes that failed. */
    public long failures() {
        return failures.sum() + devices.registrations().dropped();
    }
}
