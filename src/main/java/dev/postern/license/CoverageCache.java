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
 * A cache of the devices that the license of their account covers. Refusals are not cached. Any change of the license
 * or the devices of an account invalidates all its entries, and also the results of reads in progress.
 */
final class CoverageCache {
    private final ChangeView view;
    private final NearCache<Seat, Long> seats;

    /**
     * @param refresh called for a device that is in use and whose entry expires soon, to check it again in the
     *                background
     */
    CoverageCache(ChangeView view, LicenseSettings settings, Consumer<Seat> refresh) {
        this.view = view;
        long timeToLive = settings.rememberFor().toNanos();
        this.seats = new NearCache<>(view, seat -> LicenseKeys.license(seat.account()), _ -> timeToLive, _ -> 0,
                (long) settings.rememberSize() * NearCache.ENTRY_BYTES, refresh);
    }

    /** A device of an account. The device is null for calls that name none. */
    record Seat(AccountId account, @Nullable DeviceId device) {
        List<DeviceId> devices() {
            return device == null ? List.of() : List.of(device);
        }
    }

    /** A stamp, to take before asking the store. */
    NearCache.Stamp stamp(AccountId account) {
        return seats.stamp(new Seat(account, null));
    }

    /**
     * Caches these devices as covered.
     *
     * @param until when the license expires, in milliseconds since 1970; the entries are not valid from then on
     */
    void remember(AccountId account, Collection<DeviceId> devices, NearCache.Stamp stamp, long until) {
        // Shared by all entries.
        Long end = until;
        if (devices.isEmpty()) {
            seats.keep(new Seat(account, null), end, stamp);
        }
        for (DeviceId device : devices) {
            seats.keep(new Seat(account, device), end, stamp);
        }
    }

    /**
     * Whether all devices are cached as covered.
     *
     * @param millis the current time in milliseconds since 1970
     */
    boolean covers(AccountId account, List<DeviceId> devices, long millis, Patience patience) {
        long nanos = view.nanoTime();
        if (devices.isEmpty()) {
            return isBefore(millis, seats.getIfUsable(new Seat(account, null), nanos, patience));
        }
        for (int i = 0; i < devices.size(); i++) {
            if (!isBefore(millis, seats.getIfUsable(new Seat(account, devices.get(i)), nanos, patience))) {
                return false;
            }
        }
        return true;
    }

    /** Whether all devices were covered when the store was last available, and that is recent enough to rely on. */
    boolean coveredInOutage(AccountId account, Collection<DeviceId> devices, long millis, Patience patience) {
        return devices.isEmpty()
                ? isBefore(millis, seats.inOutage(new Seat(account, null), patience))
                : devices.stream().allMatch(
                        device -> isBefore(millis, seats.inOutage(new Seat(account, device), patience)));
    }

    private static boolean isBefore(long millis, @Nullable Long until) {
        return until != null && millis < until;
    }

    /** The number of entries. */
    long size() {
        return seats.size();
    }
}
