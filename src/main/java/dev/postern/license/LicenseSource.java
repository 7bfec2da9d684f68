package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.license.LicenseFacts.Standing;
import dev.postern.store.RedisStore;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Reads the facts for a license decision. */
interface LicenseSource {
    /** Reads the facts about these devices, which must be distinct, as one consistent snapshot. */
    Mono<LicenseFacts> read(AccountId account, Collection<DeviceId> devices);

    /** Reads from Redis with one command. */
    static LicenseSource of(RedisStore redis, Clock clock, LicenseSettings settings) {
        LicenseScript facts = new LicenseScript("facts.lua", redis, clock, settings);
        return (account, devices) -> facts.list(account, devices.stream().map(DeviceId::value).toList())
                .map(reply -> decode(account, reply, List.copyOf(devices), settings));
    }

    private static LicenseFacts decode(AccountId account, List<String> reply, List<DeviceId> devices,
            LicenseSettings settings) {
        try {
            Map<DeviceId, Standing> standings = new LinkedHashMap<>();
            for (int i = 0; i < devices.size(); i++) {
                standings.put(devices.get(i), Standing.valueOf(reply.get(4 + i).toUpperCase(Locale.ROOT)));
            }
            return new LicenseFacts(license(LicenseKeys.license(account), reply.get(0), reply.get(1), settings),
                    Long.parseLong(reply.get(2)),
                    Long.parseLong(reply.get(3)), standings);
        } catch (IllegalArgumentException | IndexOutOfBoundsException corrupt) {
            throw new UnreadableRecordException("The license of account " + account + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }

    private static Optional<License> license(String key, String terms, String created, LicenseSettings settings) {
        if (!terms.isEmpty()) {
            return Optional.of(License.read(key, terms, settings));
        }
        return created.isEmpty()
                ? Optional.empty()
                : Optional.of(License.ofNewAccount(Instant.ofEpochMilli(Long.parseLong(created)), settings));
    }

    /** The devices of a call without duplicates. */
    static List<DeviceId> distinct(List<DeviceId> devices) {
        return devices.size() < 2 ? devices : new ArrayList<>(new LinkedHashSet<>(devices));
    }
}
