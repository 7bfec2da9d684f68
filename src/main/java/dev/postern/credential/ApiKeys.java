package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.KeyValue;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The API keys of an account: issues, lists, changes and deletes them. */
public final class ApiKeys {
    private static final int ATTEMPTS = 5;
    private static final int BATCH = 50;
    private static final String ADD = Scripts.read("/dev/postern/credential/add-api-key.lua");

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final Accounts accounts;
    private final Clock clock;
    private final int maxPerAccount;

    /** @param maxPerAccount how many keys an account may have */
    public ApiKeys(RedisStore redis, SecretKeys secrets, Accounts accounts, Clock clock, int maxPerAccount) {
        this.redis = redis;
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
        this.accounts = accounts;
        this.clock = clock;
        this.maxPerAccount = maxPerAccount;
    }

    /** A key with its secret, for its owner. */
    public record Shown(PresentedCredential secret, ApiKey key) {}

    /** What making a key comes to. */
    public sealed interface Creation {
        record Created(Shown shown) implements Creation {}

        /** The account is gone, or going. */
        record NoAccount() implements Creation {}

        /** The account has as many keys as it may have. */
        record TooMany(int limit) implements Creation {}
    }

    /**
     * Which keys to list; an empty member does not limit.
     *
     * @param secret the key itself
     * @param device keys with a permission that names it
     * @param title  keys whose title starts with it
     */
    public record Filter(Optional<PresentedCredential> secret, Optional<DeviceId> device, Optional<String> title) {
        boolean matches(ApiKey key) {
            return device.map(id -> key.devices().contains(id)).orElse(true)
                    && title.map(start -> key.title().startsWith(start)).orElse(true);
        }

        boolean matchesAll() {
            return device.isEmpty() && title.isEmpty();
        }
    }

    /** Makes a key. */
    public Mono<Creation> create(AccountId account, String title, List<Permission> permissions) {
        return Mono.fromSupplier(() -> {
            String secret = KeyGenerator.next();
            String index = credentials.index(secret);
            return new Shown(new PresentedCredential(secret), new ApiKey(account, title,
                    Instant.ofEpochMilli(clock.millis()), permissions, secrets.seal(secret, sealContext(index))));
        }).subscribeOn(Schedulers.boundedElastic()).flatMap(this::write);
    }

    private Mono<Creation> write(Shown shown) {
        AccountId account = shown.key().account();
        String index = credentials.index(shown.secret().secret());
        return Scripts
                .run(redis, ADD, new String[]{AccountRecord.key(account), AccountRecord.apiKeysKey(account)}, index,
                        Long.toString(shown.key().created().toEpochMilli()), Integer.toString(maxPerAccount))
                .flatMap(added -> switch (added.intValue()) {
                    case 0 -> Mono.<Creation>just(new Creation.NoAccount());
                    case -1 -> Mono.<Creation>just(new Creation.TooMany(maxPerAccount));
                    default -> credentials.create(index, shown.key()).then(accounts.isOpen(account))
                            // The account may have been deleted since it was listed: then this key dies unseen.
                            .flatMap(open -> open
                                    ? Mono.<Creation>just(new Creation.Created(shown))
                                    : remove(account, index).thenReturn(new Creation.NoAccount()));
                });
    }

    /** The account's key with this secret; empty when it has none. */
    public Mono<ApiKey> find(AccountId account, PresentedCredential secret) {
        return findByIndex(account, credentials.index(secret.secret()));
    }

    private Mono<ApiKey> findByIndex(AccountId account, String index) {
        return credentials.find(index).ofType(ApiKey.class).filter(key -> key.account().equals(account));
    }

    /** Keys in the order in which they were made. */
    public Mono<Page<Shown>> list(AccountId account, Filter filter, Page.Request page) {
        if (filter.secret().isPresent()) {
            return find(account, filter.secret().get()).filter(filter::matches)
                    .map(key -> List.of(new Shown(filter.secret().get(), key))).defaultIfEmpty(List.of())
                    .map(page::of);
        }
        String key = AccountRecord.apiKeysKey(account);
        if (filter.matchesAll()) {
            return redis.run(commands -> commands.zcard(key))
                    .flatMap(total -> redis.run(commands -> commands.zrange(key, page.first(), page.last()))
                            .flatMapMany(this::load).collectList().map(keys -> new Page<>(total, keys)));
        }
        return all(account).filter(shown -> filter.matches(shown.key())).collectList().map(page::of);
    }

    /** Every device that some key of the account names, in order. */
    public Mono<Set<DeviceId>> devices(AccountId account) {
        return all(account).collect(() -> new TreeSet<DeviceId>(Comparator.comparing(DeviceId::value)),
                (devices, shown) -> devices.addAll(shown.key().devices())).map(devices -> devices);
    }

    private Flux<Shown> all(AccountId account) {
        return redis.run(commands -> commands.zrange(AccountRecord.apiKeysKey(account), 0, -1)).flatMapMany(this::load);
    }

    private Flux<Shown> load(List<String> indexes) {
        return Flux.fromIterable(indexes).buffer(BATCH).concatMap(batch -> {
            String[] keys = batch.stream().map(CredentialRecords::key).toArray(String[]::new);
            return redis.run(commands -> commands.mget(keys)).map(records -> {
                List<Shown> shown = new ArrayList<>();
                for (int i = 0; i < records.size(); i++) {
                    KeyValue<String, String> record = records.get(i);
                    // A missing one was deleted meanwhile, or its making was cut off.
                    if (record.hasValue() && CredentialCodec.decode(keys[i], record.getValue()) instanceof ApiKey key) {
                        shown.add(new Shown(new PresentedCredential(
                                secrets.open(key.sealedKey(), sealContext(batch.get(i)))), key));
                    }
                }
                return shown;
            });
        }).flatMapIterable(shown -> shown);
    }

    /** Overwrites title and permissions; empty when the account has no such key. */
    public Mono<ApiKey> overwrite(AccountId account, PresentedCredential secret, String title,
            List<Permission> permissions) {
        return change(account, secret, key -> key.with(title, permissions));
    }

    /**
     * Changes what a key permits, whatever others do to it at the same time.
     *
     * @param change may be asked more than once
     * @return the key as changed; empty when the account has no such key
     */
    public Mono<ApiKey> changePermissions(AccountId account, PresentedCredential secret,
            UnaryOperator<List<Permission>> change) {
        return change(account, secret, key -> key.with(key.title(), change.apply(key.granted())));
    }

    private Mono<ApiKey> change(AccountId account, PresentedCredential secret, UnaryOperator<ApiKey> change) {
        return change(account, credentials.index(secret.secret()), change, ATTEMPTS);
    }

    private Mono<ApiKey> change(AccountId account, String index, UnaryOperator<ApiKey> change, int attempts) {
        return findByIndex(account, index).flatMap(present -> {
            ApiKey changed = change.apply(present);
            return credentials.replace(index, present, changed)
                    .flatMap(done -> done
                            ? Mono.just(changed)
                            : attempts > 1
                                    ? change(account, index, change, attempts - 1)
                                    : Mono.error(new Accounts.ConcurrentChangeException()));
        });
    }

    /** Ends a key; false when the account has no such key. */
    public Mono<Boolean> delete(AccountId account, PresentedCredential secret) {
        String index = credentials.index(secret.secret());
        return findByIndex(account, index).flatMap(_ -> remove(account, index)).defaultIfEmpty(false);
    }

    /** The record goes first: what the index lists beyond it grants nothing. */
    private Mono<Boolean> remove(AccountId account, String index) {
        return credentials.delete(index).flatMap(deleted -> redis
                .run(commands -> commands.zrem(AccountRecord.apiKeysKey(account), index)).thenReturn(deleted));
    }

    private static String sealContext(String index) {
        return "api-key:" + index;
    }
}
