package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.account.AccountRecord;
import dev.postern.account.DeviceGroups;
import dev.postern.account.StoredBytes;
import dev.postern.credential.BlockedSubject;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Counts the stored bytes of an account that an older gate created. Can be repeated: sizes that are already recorded do
 * not change.
 */
public final class StoredBytesCount {
    private static final int BATCH = 100;
    private static final int GROUPS = 20;
    private static final int AT_ONCE = 16;

    private final RedisStore redis;
    private final Script recordBytes = StoredBytes.script("/dev/postern/issuance/record-bytes.lua");
    private final Script note = StoredBytes.script("/dev/postern/account/note-bytes.lua");
    private final Script markCounted = StoredBytes.script("/dev/postern/issuance/mark-counted.lua");
    private final Script count = StoredBytes.script("/dev/postern/issuance/count-bytes.lua");

    public StoredBytesCount(RedisStore redis) {
        this.redis = redis;
    }

    public Mono<Void> run(AccountId account) {
        return Flux.fromArray(ListKind.values()).concatMap(kind -> credentials(account, kind))
                .thenMany(Flux.fromArray(DeviceGroup.Kind.values()).concatMap(kind -> groups(account, kind)))
                .then(hash(account, BlockedSubject.key(account), BlockedSubject.ITEM))
                .thenMany(new ListedIndexes(redis, ListKind.APPLICATIONS).of(account)
                        .concatMap(entry -> hash(account, ApplicationKeys.authcodes(account, entry.getValue()),
                                Authcodes.item(entry.getValue()))))
                .then(markCounted.number(redis, new String[]{StoredBytes.key(account), AccountRecord.key(account)}))
                .then();
    }

    private Mono<Void> credentials(AccountId account, ListKind kind) {
        return new ListedIndexes(redis, kind).of(account).buffer(BATCH).concatMap(batch -> Flux.fromIterable(batch)
                .flatMapSequential(entry -> recordBytes.number(redis,
                        new String[]{CredentialRecords.key(entry.getValue())}), AT_ONCE)
                .collectList().flatMap(sizes -> {
                    List<String> arguments = new ArrayList<>(List.of("0"));
                    for (int i = 0; i < sizes.size(); i++) {
                        if (sizes.get(i) > 0) {
                            arguments.add(batch.get(i).getValue());
                            arguments.add(Long.toString(sizes.get(i)));
                        }
                    }
                    return note.number(redis, new String[]{StoredBytes.key(account), kind.key(account)},
                            arguments.toArray(String[]::new));
                })).then();
    }

    private Mono<Void> groups(AccountId account, DeviceGroup.Kind kind) {
        String key = DeviceGroups.key(account, kind);
        return redis.run(commands -> commands.hkeys(key)).flatMapIterable(ids -> ids).buffer(GROUPS).concatMap(ids -> {
            List<String> arguments = new ArrayList<>(List.of(kind.word() + ":"));
            arguments.addAll(ids);
            return count.number(redis, new String[]{StoredBytes.key(account), key},
                    arguments.toArray(String[]::new));
        }).then();
    }

    private Mono<Void> hash(AccountId account, String key, String item) {
        return count.number(redis, new String[]{StoredBytes.key(account), key}, item).then();
    }
}
