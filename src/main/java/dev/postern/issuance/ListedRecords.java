package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ReadChunk;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.StoreUnavailableException;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScoredValue;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads the records of an account's list in {@linkplain ReadChunk chunks}, so that only some are in memory at a time.
 *
 * @param <C> the kind
 */
final class ListedRecords<C extends Credential.Stored> {
    private static final int BATCH = 50;
    /**
     * Creating a credential takes milliseconds. An entry that has had no record for this long, by any gate's clock, is
     * left over from an interrupted call.
     */
    private static final long MAKING_MILLIS = 600_000;

    private final RedisStore redis;
    private final StoredBytes stored;
    private final Clock clock;
    private final ListKind kind;
    private final Class<C> type;
    private final Unlist unlist;

    ListedRecords(RedisStore redis, StoredBytes stored, Clock clock, ListKind kind, Class<C> type, Unlist unlist) {
        this.redis = redis;
        this.stored = stored;
        this.clock = clock;
        this.kind = kind;
        this.type = type;
        this.unlist = unlist;
    }

    /** Removes an entry from the list if it has this creation time. */
    interface Unlist {
        Mono<Boolean> apply(AccountId account, String index, Instant created);
    }

    Flux<Listing.Entry<C>> load(AccountId account, Flux<ScoredValue<String>> entries) {
        return entries.buffer(BATCH).concatMap(batch -> stored
                .noted(account, batch.stream().map(ScoredValue::getValue).toList())
                .flatMapIterable(sizes -> ReadChunk.of(batch, sizes))
                .concatMap(chunk -> load(account, chunk), 1), 1);
    }

    private Flux<Listing.Entry<C>> load(AccountId account, ReadChunk<ScoredValue<String>> chunk) {
        String[] keys = chunk.entries().stream().map(entry -> CredentialRecords.key(entry.getValue()))
                .toArray(String[]::new);
        return redis.run(commands -> commands.mget(keys)).flatMapMany(records -> {
            List<Listing.Entry<C>> found = new ArrayList<>();
            List<ScoredValue<String>> cutOff = new ArrayList<>();
            Map<String, Integer> unnoted = new HashMap<>();
            for (int i = 0; i < records.size(); i++) {
                KeyValue<String, String> record = records.get(i);
                ScoredValue<String> entry = chunk.entries().get(i);
                if (!record.hasValue()) {
                    if (clock.millis() - entry.getScore() > MAKING_MILLIS) {
                        cutOff.add(entry);
                    }
                } else {
                    if (chunk.isUnnoted()) {
                        unnoted.put(entry.getValue(), StoredBytes.size(record.getValue()));
                    }
                    Credential.Stored credential = CredentialCodec.decode(keys[i], record.getValue());
                    // A credential of another account was listed by a call that was refused or interrupted.
                    if (type.isInstance(credential) && credential.account().equals(account)) {
                        found.add(new Listing.Entry<>(entry.getValue(), type.cast(credential)));
                    }
                }
            }
            return Flux.fromIterable(cutOff)
                    .concatMap(entry -> unlist.apply(account, entry.getValue(),
                            Instant.ofEpochMilli((long) entry.getScore())))
                    .then(stored.note(account, kind.key(account), unnoted)
                            .onErrorComplete(StoreUnavailableException.class))
                    .thenMany(Flux.fromIterable(found));
        });
    }
}
