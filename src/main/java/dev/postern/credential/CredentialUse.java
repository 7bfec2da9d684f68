package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.OldSecret;
import dev.postern.account.AccountPart;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** The Redis keys of what gates record about the use of credentials. Deletes these records with the credential. */
public final class CredentialUse implements AccountPart {
    /** How long a gate may take to write what it noted about a credential that was deleted meanwhile. */
    private static final Duration GONE = Duration.ofMinutes(10);

    private static final int KEYS_PER_UNLINK = 100;

    private final RedisStore redis;
    private final Clock clock;
    /** An instance field: the class may first be used on an event loop, where no file may be read. */
    private final String forgetScript = Scripts.read("/dev/postern/credential/forget-use.lua");

    public CredentialUse(RedisStore redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /** Hash: when each credential was last used, in milliseconds since 1970, by its ID. */
    public static String lastUsed(AccountId account) {
        return "postern:{" + account + "}:credentials-used";
    }

    /** Sorted set: the IDs of credentials that were deleted lately, by time. Nothing more is noted about these. */
    public static String gone(AccountId account) {
        return "postern:{" + account + "}:credentials-gone";
    }

    /** Hash: the calls with a credential, by day. */
    public static String calls(AccountId account, String id) {
        return "postern:{" + account + "}:credential-calls:" + id;
    }

    @Override
    public List<String> keys(AccountId account) {
        return List.of(lastUsed(account), gone(account));
    }

    /** The calls with a credential were deleted with it. This deletes those that a gate wrote at the same time. */
    @Override
    public Mono<Void> delete(AccountId account) {
        return redis.run(commands -> commands.hkeys(lastUsed(account))).flatMapIterable(ids -> ids)
                .map(id -> calls(account, id)).buffer(KEYS_PER_UNLINK)
                .concatMap(keys -> redis.run(commands -> commands.unlink(keys.toArray(String[]::new)))).then();
    }

    /** Sorted set: devices that were called with a secret that was replaced, by the time of the last call. */
    public static String devicesOnOldSecret(AccountId account, String id, OldSecret old) {
        return "postern:{" + account + "}:old-secret-devices:" + id + ":" + old.replaced().toEpochMilli();
    }

    /** HyperLogLog: the same devices, however many they are. */
    public static String countOnOldSecret(AccountId account, String id, OldSecret old) {
        return "postern:{" + account + "}:old-secret-count:" + id + ":" + old.replaced().toEpochMilli();
    }

    /** Forgets the use of a credential that was deleted. */
    public Mono<Void> forget(AccountId account, String id, Optional<OldSecret> old) {
        List<String> keys = new ArrayList<>(List.of(lastUsed(account), gone(account), calls(account, id)));
        old.ifPresent(secret -> keys.addAll(
                List.of(devicesOnOldSecret(account, id, secret), countOnOldSecret(account, id, secret))));
        return Mono.defer(() -> Scripts.run(redis, forgetScript, keys.toArray(String[]::new), id,
                Long.toString(clock.millis()), Long.toString(GONE.toSeconds()))).then();
    }
}
