package dev.postern.usage;

import static dev.postern.store.TestRedis.find;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** Writes counts to Redis at once, as gates do every second or two. */
public final class WrittenNow implements AutoCloseable {
    private static final int MAX = 100_000;

    private final CredentialCalls calls;
    private final ActiveDevices devices;

    public WrittenNow(RedisStore redis, Clock clock) {
        calls = new CredentialCalls(redis, clock, "gate", MAX);
        devices = new ActiveDevices(redis, clock, ActiveDevices.Bounds.DEFAULT);
    }

    /** Counts a call with a credential of an account. */
    public void call(AccountId account, CredentialId credential) {
        calls.note(Principal.listed(account, credential, Permissions.of(List.of(), _ -> Set.of()), Limits.NONE),
                List.of());
    }

    /** Counts a device of an account as active. */
    public void device(AccountId account, DeviceId device) {
        devices.note(account, List.of(device));
    }

    /** Writes everything to Redis. */
    public void flush() {
        find(calls.flush());
        find(devices.flush());
    }

    @Override
    public void close() {
        calls.close();
        devices.close();
    }
}
