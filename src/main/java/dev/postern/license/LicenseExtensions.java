package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.account.CallRevision;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Revision;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.Scripts;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Handles the requests of accounts for another year of their free license, and the operator's decisions. */
public final class LicenseExtensions {
    /** The maximum number of records kept. The oldest requests that the operator has answered are deleted. */
    private static final int MAX_KEPT = 100;
    /** The maximum length of a note, in characters. */
    public static final int MAX_NOTE = 500;
    private static final int ATTEMPTS = 5;

    private final RedisStore redis;
    private final LicenseSettings settings;
    private final LicenseSource source;
    private final Devices devices;
    private final Script request = Script.read(Scripts.RECORDS, "/dev/postern/license/request-extension.lua");
    private final Script decide = Script.read("/dev/postern/license/decide-extension.lua");
    private final Clock clock;

    public LicenseExtensions(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.settings = settings;
        this.source = LicenseSource.of(redis, clock, settings);
        this.devices = devices;
        this.clock = clock;
    }

    /** The state of a request. */
    public enum State {
        REQUESTED, APPROVED, REFUSED;

        /** The name in JSON and records. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A request.
     *
     * @param id        counted from 1 in each account
     * @param note      a note from the account
     * @param decided   when the operator approved or refused it
     * @param until     the new end of the license
     */
    public record Extension(long id, State state, Instant requested, String note, Optional<Instant> decided,
            Optional<Instant> until) {
        private String encode() {
            return String.join("|", "1", state.word(), Long.toString(requested.toEpochMilli()), millis(decided),
                    millis(until), note);
        }

        private static String millis(Optional<Instant> time) {
            return time.map(at -> Long.toString(at.toEpochMilli())).orElse("");
        }

        static Extension decode(AccountId account, String id, String record) {
            try {
                List<String> parts = List.of(record.split("\\|", 6));
                if (parts.size() == 6 && parts.getFirst().equals("1")) {
                    return new Extension(Long.parseLong(id), State.valueOf(parts.get(1).toUpperCase(Locale.ROOT)),
                            Instant.ofEpochMilli(Long.parseLong(parts.get(2))), parts.get(5), time(parts.get(3)),
                            time(parts.get(4)));
                }
            } catch (IllegalArgumentException corrupt) {
                // Falls through to the complaint.
            }
            throw new UnreadableRecordException("The record of " + id + " in " + LicenseKeys.extensions(account)
                    + " cannot be read, or has an unknown version.");
        }

        private static Optional<Instant> time(String millis) {
            return millis.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)));
        }
    }

    /** Requests an extension. Refused for a paid license, and while another request is open. */
    public Mono<Extension> request(AccountId account, String note) {
        return free(account).flatMap(_ -> {
            Extension extension = new Extension(0, State.REQUESTED, Instant.ofEpochMilli(clock.millis()), note,
                    Optional.empty(), Optional.empty());
            return request.number(redis, keys(account), extension.encode(), Integer.toString(MAX_KEPT))
                    .flatMap(id -> switch (id.intValue()) {
                        case 0 -> Mono.error(ChangeRefusedException.noAccount());
                        case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TAKEN,
                                "An extension has already been requested and is not decided yet."));
                        default -> noted(new Extension(id, State.REQUESTED, extension.requested(), note,
                                Optional.empty(), Optional.empty()));
                    });
        });
    }

    private Mono<License> free(AccountId account) {
        return source.read(account, List.of()).map(facts -> {
            License license = facts.license().orElseThrow(ChangeRefusedException::noAccount);
            if (license.plan() == License.Plan.PAID) {
                throw new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                        "A paid license cannot be extended. More years can be bought.");
            }
            return license;
        });
    }

    private static String[] keys(AccountId account) {
        return new String[]{AccountRecord.key(account), LicenseKeys.license(account), LicenseKeys.extensions(account)};
    }

    /** Lists the requests, latest first. */
    public Mono<List<Extension>> list(AccountId account) {
        return redis.run(commands -> commands.hgetall(LicenseKeys.extensions(account)))
                .map(all -> all.entrySet().stream().filter(entry -> !entry.getKey().equals("last"))
                        .map(entry -> Extension.decode(account, entry.getKey(), entry.getValue()))
                        .sorted(Comparator.comparingLong(Extension::id).reversed()).toList())
                .defaultIfEmpty(List.of());
    }

    /** Reads a request. Fails if it does not exist. */
    public Mono<Extension> require(AccountId account, long id) {
        return text(account, id).map(text -> Extension.decode(account, Long.toString(id), text))
                .flatMap(LicenseExtensions::noted);
    }

    private static Mono<Extension> noted(Extension extension) {
        return CallRevision.note(revision(extension)).thenReturn(extension);
    }

    private static Revision revision(Extension extension) {
        return Revision.of(Long.toString(extension.id()), extension.encode());
    }

    private Mono<String> text(AccountId account, long id) {
        return redis.run(commands -> commands.hget(LicenseKeys.extensions(account), Long.toString(id)))
                .switchIfEmpty(Mono.error(() -> new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                        "The extension " + id + " does not exist.")));
    }

    /** Extends the license by the years of a free license, starting at its end or, if it has already ended, now. */
    public Mono<Extension> approve(AccountId account, long id) {
        return devices.changingLicense(account, settle(account, id, true, ATTEMPTS));
    }

    public Mono<Extension> refuse(AccountId account, long id) {
        return settle(account, id, false, ATTEMPTS);
    }

    private Mono<Extension> settle(AccountId account, long id, boolean approved, int attempts) {
        return text(account, id).flatMap(text -> {
            Extension open = Extension.decode(account, Long.toString(id), text);
            // If the request is decided after this check, the script refuses the change.
            return CallRevision.require(revision(open))
                    .then(Mono.defer(() -> settle(account, open, text, approved, attempts)));
        });
    }

    private Mono<Extension> settle(AccountId account, Extension open, String text, boolean approved, int attempts) {
        long id = open.id();
        if (open.state() != State.REQUESTED) {
            return Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                    "The extension " + id + " is already " + open.state().word() + "."));
        }
        return redis.run(commands -> commands.hget(LicenseKeys.license(account), "terms")).defaultIfEmpty("")
                .flatMap(terms -> (approved
                        ? free(account).map(Optional::of)
                        : Mono.just(Optional.<License>empty())).flatMap(license -> {
                            Instant now = Instant.ofEpochMilli(clock.millis());
                            Optional<License> next = license.map(present -> extended(present, now));
                            Extension decided = new Extension(id, approved ? State.APPROVED : State.REFUSED,
                                    open.requested(), open.note(), Optional.of(now), next.map(License::until));
                            return decide.number(redis, keys(account), Long.toString(id), text, decided.encode(),
                                    terms, next.map(License::terms).orElse("")).flatMap(done -> {
                                        if (done == 1) {
                                            return noted(decided);
                                        }
                                        return attempts > 1
                                                ? settle(account, id, approved, attempts - 1)
                                                : Mono.error(new ConcurrentChangeException());
                                    });
                        }));
    }

    private License extended(License license, Instant now) {
        Instant start = license.isExpired(now) ? now : license.until();
        return new License(license.plan(), license.seats(), license.from(),
                License.plusYears(start, settings.freeYears()), license.enabled());
    }
}
