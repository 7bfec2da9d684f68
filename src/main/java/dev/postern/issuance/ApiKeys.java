package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.ApiKey;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Rotation;
import dev.postern.credential.SecretAlias;
import dev.postern.store.RedisStore;
import dev.postern.store.Replication;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Creates, lists, changes and deletes the API keys of an account. */
public final class ApiKeys {
    private static final int MAX_DEVICES = 100_000;

    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final Listing<ApiKey> keys;
    private final CredentialRemoval removal;
    private final Clock clock;
    private final int maxPerAccount;

    /** @param maxPerAccount the maximum number of keys of an account */
    public ApiKeys(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, int maxPerAccount) {
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.maxPerAccount = maxPerAccount;
        this.keys = new Listing<>(redis, credentials, stored, clock, ListKind.API_KEYS, ApiKey.class,
                maxPerAccount);
        this.removal = new CredentialRemoval(redis, secrets, clock);
    }

    /** A key with its secret, for its owner. */
    public record Shown(PresentedCredential secret, ApiKey key) {}

    /** The result of creating a key. */
    public sealed interface Creation {
        record Created(Shown shown) implements Creation {}

        /** The account does not exist, or is being deleted. */
        record NoAccount() implements Creation {}

        /** The account has reached its limit. */
        record TooMany(int limit) implements Creation {}
    }

    /**
     * Selects the keys to list. An empty member does not restrict.
     *
     * @param secret the key itself
     * @param device the device that a permission of the key must name
     * @param title  the prefix of the title
     */
    public record Filter(Optional<PresentedCredential> secret, Optional<DeviceId> device, Optional<String> title) {
        boolean matches(ApiKey key) {
            return device.map(id -> key.devices().contains(id)).orElse(true)
                    && title.map(start -> key.name().startsWith(start)).orElse(true);
        }

        boolean matchesAll() {
            return device.isEmpty() && title.isEmpty();
        }
    }

    /** Creates a key. */
    public Mono<Creation> create(AccountId account, String title, List<Permission> permissions) {
        return Mono.fromSupplier(() -> {
            String secret = KeyGenerator.next();
            String index = credentials.index(secret);
            return new Shown(new PresentedCredential(secret), new ApiKey(account, title,
                    Instant.ofEpochMilli(clock.millis()), true, permissions, secrets.seal(secret, sealContext(index)),
                    Limits.NONE));
        }).subscribeOn(Schedulers.boundedElastic()).flatMap(this::write);
    }

    private Mono<Creation> write(Shown shown) {
        String index = credentials.index(shown.secret().secret());
        return keys.add(index, shown.key(), shown.key().created()).map(addition -> switch (addition) {
            case ADDED -> new Creation.Created(shown);
            case NO_ACCOUNT -> new Creation.NoAccount();
            case TOO_MANY -> new Creation.TooMany(maxPerAccount);
            case TAKEN -> throw new IllegalStateException("two keys of 160 random bits are equal");
        });
    }

    /** The account's key with this secret; empty if there is none. */
    public Mono<ApiKey> find(AccountId account, PresentedCredential secret) {
        return home(account, secret).flatMap(index -> keys.findByIndex(account, index)).map(Listing.Entry::credential);
    }

    /** The same, with the ID that the operator knows the key by. */
    public Mono<ManagedApiKeys.Listed> identify(AccountId account, PresentedCredential secret) {
        return home(account, secret).flatMap(index -> keys.findByIndex(account, index)).map(ManagedApiKeys.Listed::of);
    }

    /** The ID of a key that was just created. */
    public ManagedApiKeys.Listed identify(Shown created) {
        return ManagedApiKeys.Listed.of(
                new Listing.Entry<>(credentials.index(created.secret().secret()), created.key()));
    }

    /** The index of the record of the account's key with this secret; empty if there is none. */
    private Mono<String> home(AccountId account, PresentedCredential secret) {
        String index = credentials.index(secret.secret());
        return credentials.find(index).map(found -> found instanceof SecretAlias alias ? alias.home() : index)
                .flatMap(home -> keys.findByIndex(account, home))
                .filter(entry -> {
                    Rotation secrets = entry.credential().secrets(entry.index());
                    return secrets.isCurrent(index) || secrets.isOld(index, clock.instant());
                }).map(Listing.Entry::index);
    }

    /** Lists keys in the order of their creation. */
    public Mono<Page<Shown>> list(AccountId account, Filter filter, Page.Request page) {
        return list(account, filter, page, Function.identity());
    }

    /**
     * Lists keys in the order of their creation.
     *
     * @param show converts a key to the part that is kept, because all keys of a page together may not fit into memory
     */
    public <T> Mono<Page<T>> list(AccountId account, Filter filter, Page.Request page, Function<Shown, T> show) {
        if (filter.secret().isPresent()) {
            return find(account, filter.secret().get()).filter(filter::matches)
                    .map(key -> List.of(show.apply(new Shown(filter.secret().get(), key)))).defaultIfEmpty(List.of())
                    .map(page::of);
        }
        if (filter.matchesAll()) {
            return keys.load(account, page.first(), page.last()).map(listed -> show.apply(show(listed))).collectList()
                    .flatMap(shown -> keys.count(account).map(total -> new Page<>(total, shown)));
        }
        return keys.loadAll(account).filter(listed -> filter.matches(listed.credential())).index()
                .collect(() -> new Matches<T>(page), (matches, next) -> matches.add(next.getT1(),
                        () -> show.apply(show(next.getT2()))))
                .map(Matches::page);
    }

    /** The result of filtering: the number of matches, and those on the requested page. */
    private static final class Matches<T> {
        private final Page.Request wanted;
        private final List<T> items = new ArrayList<>();
        private long count;

        Matches(Page.Request wanted) {
            this.wanted = wanted;
        }

        void add(long place, Supplier<T> item) {
            count = place + 1;
            if (place >= wanted.first() && place <= wanted.last()) {
                items.add(item.get());
            }
        }

        Page<T> page() {
            return new Page<>(count, items);
        }
    }

    /** The devices that the account's keys name, sorted. The list is cut short if there are very many. */
    public Mono<Set<DeviceId>> devices(AccountId account) {
        return keys.loadAll(account).flatMapIterable(listed -> listed.credential().devices()).distinct()
                .take(MAX_DEVICES).collect(() -> new TreeSet<>(Comparator.comparing(DeviceId::value)), Set::add);
    }

    private Shown show(Listing.Entry<ApiKey> listed) {
        return new Shown(new PresentedCredential(
                secrets.open(listed.credential().sealedKey(),
                        sealContext(listed.credential().secrets(listed.index()).secret()))),
                listed.credential());
    }

    /** Replaces the title and permissions of a key, and keeps its limits; empty if the account has no such key. */
    public Mono<ApiKey> overwrite(AccountId account, PresentedCredential secret, String title,
            List<Permission> permissions) {
        return home(account, secret)
                .flatMap(index -> keys.change(account, index, key -> key.with(title, permissions)));
    }

    /**
     * Changes the permissions of a key, retrying if others change it concurrently.
     *
     * @param change may be called more than once
     * @return the changed key; empty if the account has no such key
     */
    public Mono<ApiKey> changePermissions(AccountId account, PresentedCredential secret,
            UnaryOperator<List<Permission>> change) {
        return home(account, secret).flatMap(index -> keys.change(account, index,
                key -> key.with(key.name(), change.apply(key.granted()))));
    }

    /** Deletes a key; false if the account has no such key. */
    public Mono<Boolean> delete(AccountId account, PresentedCredential secret) {
        String index = credentials.index(secret.secret());
        return home(account, secret).flatMap(home -> removal.remove(ListKind.API_KEYS, account, home)
                .flatMap(deleted -> keys.unlist(account, home).thenReturn(deleted)))
                .switchIfEmpty(Mono.defer(() -> credentials.find(index).hasElement()
                        .flatMap(other -> other ? Mono.just(false) : unlist(account, index))));
    }

    /**
     * An earlier call that was interrupted may have deleted the record but left the list entry. That call may not have
     * confirmed the replication of the deletion, so this call does.
     */
    private Mono<Boolean> unlist(AccountId account, String index) {
        return Replication.note(CredentialRecords.key(index)).then(keys.unlist(account, index));
    }

    static String sealContext(String index) {
        return "api-key:" + index;
    }
}
