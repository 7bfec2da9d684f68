package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScoredValue;
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
    /** A key is made in milliseconds: what is listed without a record for longer, by any gate's clock, was cut off in the making. */
    private static final long MAKING_MILLIS = 600_000;
    private static final int MAX_DEVICES = 100_000;
    private static final String CONFIRM = Scripts.read("/dev/postern/credential/confirm-api-key.lua");
    private static final String ADD = Scripts.read("/dev/postern/credential/add-api-key.lua");

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final Clock clock;
    private final int maxPerAccount;

    /** @param maxPerAccount how many keys an account may have */
    public ApiKeys(RedisStore redis, SecretKeys secrets, Clock clock, int maxPerAccount) {
        this.redis = redis;
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
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
                    default -> credentials.create(index, shown.key()).then(isListed(account, index))
                            // The account may have been deleted since it was listed: then this key dies unseen.
                            .flatMap(open -> open
                                    ? Mono.<Creation>just(new Creation.Created(shown))
                                    : remove(account, index).thenReturn(new Creation.NoAccount()));
                });
    }

    private Mono<Boolean> isListed(AccountId account, String index) {
        return Scripts.run(redis, CONFIRM, new String[]{AccountRecord.key(account), AccountRecord.apiKeysKey(account)},
                index).map(listed -> listed == 1);
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
        if (filter.matchesAll()) {
            return load(account, page.first(), page.last()).map(this::show).collectList()
                    .flatMap(keys -> redis.run(commands -> commands.zcard(AccountRecord.apiKeysKey(account)))
                            .map(total -> new Page<>(total, keys)));
        }
        // Of all that match only those of the page are kept: an account may have more than fits into memory.
        return load(account, 0, -1).filter(listed -> filter.matches(listed.key())).index()
                .reduce(new Page<Listed>(0, List.of()), (found, next) -> {
                    boolean wanted = next.getT1() >= page.first() && next.getT1() <= page.last();
                    return new Page<>(next.getT1() + 1, wanted ? with(found.items(), next.getT2()) : found.items());
                })
                .map(found -> new Page<>(found.totalCount(), found.items().stream().map(this::show).toList()));
    }

    private static List<Listed> with(List<Listed> items, Listed item) {
        List<Listed> more = new ArrayList<>(items);
        more.add(item);
        return more;
    }

    /** Devices that some key of the account names, in order; of very many not all. */
    public Mono<Set<DeviceId>> devices(AccountId account) {
        return load(account, 0, -1).flatMapIterable(listed -> listed.key().devices()).distinct().take(MAX_DEVICES)
                .collect(() -> new TreeSet<>(Comparator.comparing(DeviceId::value)), Set::add);
    }

    /** A key and the index under which it is found. */
    private record Listed(String index, ApiKey key) {}

    private Shown show(Listed listed) {
        return new Shown(new PresentedCredential(secrets.open(listed.key().sealedKey(), sealContext(listed.index()))),
                listed.key());
    }

    private Flux<Listed> load(AccountId account, long first, long last) {
        return redis.run(commands -> commands.zrangeWithScores(AccountRecord.apiKeysKey(account), first, last))
                .flatMapIterable(entries -> entries).buffer(BATCH).concatMap(batch -> load(account, batch));
    }

    private Flux<Listed> load(AccountId account, List<ScoredValue<String>> batch) {
        String[] keys = batch.stream().map(entry -> CredentialRecords.key(entry.getValue())).toArray(String[]::new);
        return redis.run(commands -> commands.mget(keys)).flatMapMany(records -> {
            List<Listed> found = new ArrayList<>();
            List<String> cutOff = new ArrayList<>();
            for (int i = 0; i < records.size(); i++) {
                KeyValue<String, String> record = records.get(i);
                String index = batch.get(i).getValue();
                if (!record.hasValue()) {
                    if (clock.millis() - batch.get(i).getScore() > MAKING_MILLIS) {
                        cutOff.add(index);
                    }
                } else if (CredentialCodec.decode(keys[i], record.getValue()) instanceof ApiKey key) {
                    found.add(new Listed(index, key));
                }
            }
            Mono<Long> pruned = cutOff.isEmpty()
                    ? Mono.empty()
                    : redis.run(commands -> commands.zrem(AccountRecord.apiKeysKey(account),
                            cutOff.toArray(String[]::new)));
            return pruned.thenMany(Flux.fromIterable(found));
        });
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
        return findByIndex(account, index).flatMap(_ -> remove(account, index))
                // Whose record is gone already may be listed still, where an earlier call was cut off.
                .switchIfEmpty(unlist(account, index));
    }

    /** The record goes first: what the index lists beyond it grants nothing. */
    private Mono<Boolean> remove(AccountId account, String index) {
        return credentials.delete(index).flatMap(deleted -> unlist(account, index).thenReturn(deleted));
    }

    private Mono<Boolean> unlist(AccountId account, String index) {
        return redis.run(commands -> commands.zrem(AccountRecord.apiKeysKey(account), index)).map(count -> count > 0);
    }

    private static String sealContext(String index) {
        return "api-key:" + index;
    }
}
