package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.ChangeView;
import dev.postern.store.NearCache;
import dev.postern.store.Patience;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that the license of an account covers a device. Remembers nothing that is refused. Any change of the license or the
 * devices of an account ends all that is remembered of it, and with it what is being read meanwhile.
 */
final class SeatMemory {
    private final ChangeView view;
    private final NearCache<Seat, Long> seats;

    /** @param refresh told of a device that is in use and will soon be forgotten; it is to be looked at again in the background */
    SeatMemory(ChangeView view, LicenseSettings settings, Consumer<Seat> refresh) {
        this.view = view;
        long life = settings.rememberFor().toNanos();
        this.seats = new NearCache<>(view, seat -> LicenseKeys.license(seat.account()), _ -> life, _ -> 0,
                (long) settings.rememberSize() * NearCache.ENTRY_BYTES, refresh);
    }

    /** A device of an account; none for calls that name no device. */
    record Seat(AccountId account, @Nullable DeviceId device) {
        List<DeviceId> devices() {
            return device == null ? List.of() : List.of(device);
        }
    }

    /** To be taken before the store is asked. */
    NearCache.Stamp stamp(AccountId account) {
        return seats.stamp(new Seat(account, null));
    }

    /**
     * Remembers devices as covered.
     *
     * @param until when the license ends, in milliseconds from 1970 on; what is remembered says nothing of the time from then on
     */
    void remember(AccountId account, Collection<DeviceId> devices, NearCache.Stamp stamp, long until) {
        // One object for all of them.
        Long end = until;
        if (devices.isEmpty()) {
            seats.keep(new Seat(account, null), end, stamp);
        }
        for (DeviceId device : devices) {
            seats.keep(new Seat(account, device), end, stamp);
        }
    }

    /**
     * Whether all are remembered as covered.
     *
     * @param millis what the clock says, in milliseconds from 1970 on
     */
    boolean covers(AccountId account, List<DeviceId> devices, long millis, Patience patience) {
        long nanos = view.nanoTime();
        if (devices.isEmpty()) {
            return isBefore(millis, seats.now(new Seat(account, null), nanos, patience));
        }
        for (int i = 0; i < devices.size(); i++) {
            if (!isBefore(millis, seats.now(new Seat(account, devices.get(i)), nanos, patience))) {
                return false;
            }
        }
        return true;
    }

    /** Whether all were covered when the store was last heard of, and that may still be gone by. */
    boolean coveredInOutage(AccountId account, Collection<DeviceId> devices, long millis, Patience patience) {
        return devices.isEmpty()
                ? isBefore(millis, seats.inOutage(new Seat(account, null), patience))
                : devices.stream().allMatch(
                        device -> isBefore(millis, seats.inOutage(new Seat(account, device), patience)));
    }

    private static boolean isBefore(long millis, @Nullable Long until) {
        return until != null && millis < until;
    }

    /** How many are remembered. */
    long size() {
        return seats.size();
    }
}
