package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.account.StoredBytes;
import dev.postern.search.NameJournal;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.Scripts;
import java.time.Clock;
import java.util.List;
import reactor.core.publisher.Mono;

/** A script that works atomically on the devices and the license of one account. */
final class LicenseScript {
    private static final String FOLDER = "/dev/postern/license/";
    private static final long MILLIS_OF_DAY = 86_400_000;

    private final Script script;
    private final RedisStore redis;
    private final Clock clock;
    private final String freeSeats;

    /** Reads files: do not call on an event loop. */
    LicenseScript(String name, RedisStore redis, Clock clock, LicenseSettings settings) {
        this.script = Script.read(Scripts.CHUNKS, Scripts.RECORDS, StoredBytes.LIBRARY, NameJournal.LIBRARY,
                FOLDER + "seats.lua", FOLDER + name);
        this.redis = redis;
        this.clock = clock;
        this.freeSeats = Integer.toString(settings.freeSeats());
    }

    Mono<Long> number(AccountId account, List<String> arguments) {
        return Mono.defer(() -> script.number(redis, LicenseKeys.of(account), with(arguments)));
    }

    Mono<String> text(AccountId account, List<String> arguments) {
        return Mono.defer(() -> script.text(redis, LicenseKeys.of(account), with(arguments)));
    }

    Mono<List<String>> list(AccountId account, List<String> arguments) {
        return Mono.defer(() -> script.list(redis, LicenseKeys.of(account), with(arguments)));
    }

    private String[] with(List<String> arguments) {
        long now = clock.millis();
        String[] all = new String[3 + arguments.size()];
        all[0] = freeSeats;
        all[1] = Long.toString(now);
        all[2] = Long.toString(Math.floorDiv(now, MILLIS_OF_DAY));
        for (int i = 0; i < arguments.size(); i++) {
            all[3 + i] = arguments.get(i);
        }
        return all;
    }
}
