package dev.postern.license;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a short time that the license of an account covers a device. Remembers nothing that is refused. What this gate
 * itself changes of an account ends all that is remembered of it, and with it what is being read meanwhile.
 */
final class SeatMemory {
    private static final int STRIPES = 4096;

    private final Cache<Seat, Remembered> entries;
    /** Counts the changes of the accounts of each stripe. */
    private final AtomicLongArray changes = new AtomicLongArray(STRIPES);

    SeatMemory(Duration longest, int size) {
        this.entries = Caffeine.newBuilder().maximumSize(longest.isZero() ? 0 : size).expireAfterWrite(longest)
                .executor(Runnable::run).build();
    }

    /** A device of an account; none for calls that name no device. */
    private record Seat(AccountId account, @Nullable DeviceId device) {}

    /** @param until when the license ends; what is remembered says nothing of the time from then on */
    private record Remembered(long change, Instant until) {}

    /** What an entry must be as young as; to be asked before the store is. */
    long change(AccountId account) {
        return changes.get(stripe(account));
    }

    private static int stripe(AccountId account) {
        return Math.floorMod(account.hashCode(), STRIPES);
    }

    void remember(AccountId account, Collection<DeviceId> devices, long change, Instant until) {
        Remembered remembered = new Remembered(change, until);
        if (devices.isEmpty()) {
            entries.put(new Seat(account, null), remembered);
        }
        for (DeviceId device : devices) {
            entries.put(new Seat(account, device), remembered);
        }
    }

    boolean covers(AccountId account, Collection<DeviceId> devices, Instant now) {
        long change = change(account);
        if (devices.isEmpty()) {
            return covers(new Seat(account, null), change, now);
        }
        for (DeviceId device : devices) {
            if (!covers(new Seat(account, device), change, now)) {
                return false;
            }
        }
        return true;
    }

    private boolean covers(Seat seat, long change, Instant now) {
        Remembered known = entries.getIfPresent(seat);
        return known != null && known.change() == change && now.isBefore(known.until());
    }

    /** Something of the account has changed. */
    void forget(AccountId account) {
        changes.incrementAndGet(stripe(account));
    }

    /** How many are remembered. */
    long size() {
        return entries.estimatedSize();
    }
}
