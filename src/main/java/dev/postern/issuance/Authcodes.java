package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.account.RecordJson;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.KeyValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Stores the authcodes of applications. Each application has one hash in the account's slot. */
final class Authcodes {
    private static final int AUTHCODE_BYTES = 15;
    private static final int VERSION = 1;
    private static final int AT_ONCE = 500;
    private static final Script ADD = StoredBytes.script("/dev/postern/issuance/add-authcodes.lua");
    private static final Script REMOVE = StoredBytes.script("/dev/postern/issuance/remove-counted.lua");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final StoredBytes stored;
    private final SecretKeys secrets;
    private final Clock clock;

    Authcodes(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.stored = stored;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** The keyed hash under which an authcode is stored. */
    String index(String application, String code) {
        return secrets.index("authcode", application + " " + code);
    }

    /** Creates authcodes. Fails with {@link ChangeRefusedException} if that is not possible. */
    Mono<List<Terminals.Authcode>> add(Listing.Entry<Application> entry, int count, int terminals,
            Optional<Duration> validFor) {
        Optional<Instant> until = validFor.map(duration -> Instant.ofEpochMilli(clock.millis()).plus(duration));
        return Mono.fromSupplier(() -> {
            List<Terminals.Authcode> codes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                codes.add(new Terminals.Authcode(new PresentedCredential(KeyGenerator.urlSafe(AUTHCODE_BYTES)),
                        terminals, 0, until));
            }
            return codes;
        }).subscribeOn(Schedulers.boundedElastic()).flatMap(codes -> write(entry, codes).thenReturn(codes));
    }

    /** Lists the authcodes of an application in arbitrary order. */
    Mono<Page<Terminals.Authcode>> list(Listing.Entry<Application> entry, Page.Request page) {
        AccountId account = entry.credential().account();
        String key = ApplicationKeys.authcodes(account, entry.index());
        return redis.run(commands -> commands.hkeys(key)).map(all -> page.of(all.stream().sorted().toList()))
                .flatMap(indexes -> Flux.fromIterable(indexes.items())
                        .concatMap(index -> authcode(account, entry.index(), index)).collectList()
                        .map(codes -> new Page<>(indexes.totalCount(), codes)));
    }

    private Mono<Terminals.Authcode> authcode(AccountId account, String application, String index) {
        String key = ApplicationKeys.authcodes(account, application);
        return redis.run(commands -> commands.hget(key, index)).flatMap(text -> redis
                .run(commands -> commands.hget(ApplicationKeys.admitted(account, application), index))
                .map(Long::valueOf).defaultIfEmpty(0L)
                .map(used -> decode(key, index, text, used)));
    }

    private Terminals.Authcode decode(String key, String index, String text, long used) {
        RecordJson json = read(key, text);
        return new Terminals.Authcode(
                new PresentedCredential(secrets.open(json.string("sealed"), codeContext(index))),
                json.number("terminals"), used, json.optionalTime("until"));
    }

    private static RecordJson read(String key, String text) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(text)).requireOnly("v", "sealed", "terminals", "until");
            if (json.number("v") != VERSION) {
                throw new IllegalArgumentException("unknown version");
            }
            var _ = json.string("sealed");
            var _ = json.number("terminals");
            var _ = json.optionalTime("until");
            return json;
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("An authcode in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }

    /** All authcodes of an application as they are stored, ordered by index. */
    Flux<RestoredAuthcodes.Stored> stored(AccountId account, String application) {
        String key = ApplicationKeys.authcodes(account, application);
        return redis.run(commands -> commands.hkeys(key))
                .flatMapIterable(indexes -> indexes.stream().sorted().toList()).buffer(AT_ONCE)
                .concatMap(indexes -> redis.run(commands -> commands.hmget(key, indexes.toArray(String[]::new))), 1)
                .concatMapIterable(records -> records.stream().filter(KeyValue::hasValue)
                        .map(record -> stored(key, application, record.getKey(), record.getValue())).toList());
    }

    /** An authcode as it is stored; empty if there is none. */
    Mono<RestoredAuthcodes.Stored> stored(AccountId account, String application, String index) {
        String key = ApplicationKeys.authcodes(account, application);
        return redis.run(commands -> commands.hget(key, index)).map(text -> stored(key, application, index, text));
    }

    private static RestoredAuthcodes.Stored stored(String key, String application, String index, String text) {
        RecordJson json = read(key, text);
        return new RestoredAuthcodes.Stored(application, index, json.string("sealed"), json.number("terminals"),
                json.optionalTime("until"));
    }

    Mono<Long> count(AccountId account, String application) {
        return redis.run(commands -> commands.hlen(ApplicationKeys.authcodes(account, application)));
    }

    /** @throws UnreadableRecordException if it cannot be opened here */
    void requireOurs(RestoredAuthcodes.Stored wanted) {
        String code = secrets.open(wanted.sealed(), codeContext(wanted.index()));
        if (!index(wanted.application(), code).equals(wanted.index())) {
            throw new UnreadableRecordException("The authcode belongs to another application.");
        }
    }

    Mono<Void> restore(AccountId account, RestoredAuthcodes.Stored wanted) {
        return write(account, wanted.application(), List.of(wanted.index(),
                record(wanted.sealed(), wanted.terminals(), wanted.until())));
    }

    private static String record(String sealed, int terminals, Optional<Instant> until) {
        ObjectNode json = JSON.createObjectNode().put("v", VERSION).put("sealed", sealed).put("terminals", terminals);
        until.ifPresent(end -> json.put("until", end.toEpochMilli()));
        return JSON.writeValueAsString(json);
    }

    private Mono<Void> write(Listing.Entry<Application> entry, List<Terminals.Authcode> codes) {
        List<String> records = new ArrayList<>();
        for (Terminals.Authcode code : codes) {
            String index = index(entry.index(), code.code().secret());
            records.add(index);
            records.add(record(secrets.seal(code.code().secret(), codeContext(index)), code.terminals(),
                    code.until()));
        }
        return write(entry.credential().account(), entry.index(), records);
    }

    /** @param records the index and record of each authcode */
    private Mono<Void> write(AccountId account, String application, List<String> records) {
        List<String> arguments = new ArrayList<>(List.of(application, Integer.toString(Terminals.MAX_AUTHCODES),
                stored.max()));
        arguments.addAll(records);
        return stored.checked(account, ADD.number(redis, new String[]{ListKind.APPLICATIONS.key(account),
                ApplicationKeys.authcodes(account, application), StoredBytes.key(account)},
                arguments.toArray(String[]::new)))
                .flatMap(outcome -> switch (outcome.intValue()) {
                    case 1 -> Mono.empty();
                    case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An application can have at most " + Terminals.MAX_AUTHCODES + " authcodes."));
                    default -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                            "No application of the account has this ID."));
                });
    }

    /** The name under which the size of an application's authcodes is recorded in the account's stored sizes. */
    static String item(String application) {
        return "authcodes:" + application;
    }

    /** Removes an authcode; false if there was none with this index. */
    Mono<Boolean> remove(AccountId account, String application, String index) {
        return REMOVE.number(redis,
                new String[]{ApplicationKeys.authcodes(account, application), StoredBytes.key(account)},
                item(application), index).map(count -> count > 0);
    }

    private static String codeContext(String index) {
        return "authcode:" + index;
    }
}
