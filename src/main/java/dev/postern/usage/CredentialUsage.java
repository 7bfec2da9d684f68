package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.OldSecret;
import dev.postern.credential.CredentialUse;
import dev.postern.store.RedisStore;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Reads how often and when credentials were used. A few seconds behind. */
public final class CredentialUsage {
    private static final int SCAN = 1000;

    private final RedisStore redis;

    public CredentialUsage(RedisStore redis) {
        this.redis = redis;
    }

    /** The calls with a credential on a day in UTC. */
    public record Day(LocalDate day, long calls) {}

    /** When these credentials were last used, by ID; those that never were are missing. */
    public Mono<Map<String, Instant>> lastUsed(AccountId account, List<String> ids) {
        if (ids.isEmpty()) {
            return Mono.just(Map.of());
        }
        return redis.run(commands -> commands.hmget(CredentialUse.lastUsed(account), ids.toArray(String[]::new)))
                .map(found -> {
                    Map<String, Instant> used = new HashMap<>();
                    found.stream().filter(one -> one.hasValue())
                            .forEach(one -> used.put(one.getKey(), time(one.getValue())));
                    return used;
                });
    }

    /** The same for all credentials of the account. */
    public Mono<Map<String, Instant>> lastUsed(AccountId account) {
        String key = CredentialUse.lastUsed(account);
        return redis.run(commands -> commands.hscan(key, ScanArgs.Builder.limit(SCAN)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, ScanCursor.of(cursor.getCursor()),
                                ScanArgs.Builder.limit(SCAN))))
                .collect(() -> new HashMap<String, Instant>(),
                        (all, cursor) -> cursor.getMap().forEach((id, text) -> all.put(id, time(text))))
                .map(Map::copyOf);
    }

    private static Instant time(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    /**
     * The devices that were called with a secret after it was replaced.
     *
     * @param latest the last call to each, the latest first; at most 1000 of them
     * @param count  how many there are; an estimate if there are more than in the list
     */
    public record OnOldSecret(Map<DeviceId, Instant> latest, long count) {}

    public Mono<OnOldSecret> onOldSecret(AccountId account, String id, OldSecret old) {
        String key = CredentialUse.devicesOnOldSecret(account, id, old);
        return redis.run(commands -> commands.zrevrangeWithScores(key, 0, OldSecretDevices.MAX_LISTED - 1))
                .flatMap(listed -> {
                    Map<DeviceId, Instant> latest = new LinkedHashMap<>();
                    listed.forEach(device -> latest.put(new DeviceId(device.getValue()),
                            Instant.ofEpochMilli((long) device.getScore())));
                    return latest.size() < OldSecretDevices.MAX_LISTED
                            ? Mono.just(new OnOldSecret(latest, latest.size()))
                            : redis.run(commands -> commands
                                    .pfcount(CredentialUse.countOnOldSecret(account, id, old)))
                                    .map(count -> new OnOldSecret(latest, Math.max(count, latest.size())));
                });
    }

    /**
     * The calls with a credential on each day of a range.
     *
     * @throws IllegalArgumentException if the days are in the wrong order, or too many
     */
    public Mono<List<Day>> days(AccountId account, String id, LocalDate from, LocalDate to) {
        if (from.isAfter(to)) {
            throw new IllegalArgumentException("from is after to");
        }
        if (ChronoUnit.DAYS.between(from, to) >= CredentialCalls.KEEP_DAYS) {
            throw new IllegalArgumentException("from and to span more than " + CredentialCalls.KEEP_DAYS + " days");
        }
        String[] days = from.datesUntil(to.plusDays(1)).map(LocalDate::toString).toArray(String[]::new);
        return redis.run(commands -> commands.hmget(CredentialUse.calls(account, id), days)).map(found -> {
            List<Day> all = new ArrayList<>();
            found.forEach(one -> all.add(new Day(LocalDate.parse(one.getKey()),
                    one.hasValue() ? Long.parseLong(one.getValue()) : 0)));
            return all;
        });
    }
}
