package dev.postern.authentication;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.Permissions;
import dev.postern.access.Rule;
import dev.postern.account.AccountRecord;
import dev.postern.account.DeviceGroups;
import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.RuleJson;
import dev.postern.store.Patience;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Reads the records that one verification needs, and keeps them. With them the outcome can be cached: it is valid while
 * reading the records again yields the same text.
 */
final class VerificationRecords {
    private final RecordSource source;
    private final Patience patience;
    private final List<RecordRef> refs = new ArrayList<>();
    private final List<StoredRecord> records = new ArrayList<>();

    VerificationRecords(RecordSource source, Patience patience) {
        this.source = source;
        this.patience = patience;
    }

    List<RecordRef> refs() {
        return refs;
    }

    List<StoredRecord> records() {
        return records;
    }

    private Mono<List<StoredRecord>> read(List<RecordRef> wanted) {
        if (wanted.isEmpty()) {
            return Mono.just(List.of());
        }
        return source.read(wanted, patience).doOnNext(found -> {
            refs.addAll(wanted);
            records.addAll(found);
        });
    }

    /** The credential with this index; empty if there is none. */
    Mono<Credential.Stored> credential(String index) {
        String key = CredentialRecords.key(index);
        return read(List.of(RecordRef.key(key))).flatMap(found -> Mono.justOrEmpty(found.getFirst().text()))
                .map(text -> CredentialCodec.decode(key, text));
    }

    /** Whether there is a record at this location. */
    Mono<Boolean> isThere(RecordRef ref) {
        return read(List.of(ref)).map(found -> found.getFirst().text().isPresent());
    }

    /** The account with this ID; empty if there is none, or if it is being deleted. */
    Mono<AccountId> account(AccountId id) {
        String key = AccountRecord.key(id);
        return read(List.of(RecordRef.key(key))).flatMap(found -> Mono.justOrEmpty(found.getFirst().text()))
                .filter(text -> !AccountRecord.decode(key, text).deleting()).map(_ -> id);
    }

    /** The permissions from these rules, with the devices that their projects and users have now. */
    Mono<Permissions> permissions(AccountId account, List<Rule> rules) {
        List<DeviceGroup> wanted = List.copyOf(RuleJson.groups(rules));
        return read(wanted.stream().map(group -> DeviceGroups.ref(account, group)).toList()).map(found -> {
            Map<DeviceGroup, Set<DeviceId>> devices = new HashMap<>();
            for (int i = 0; i < wanted.size(); i++) {
                DeviceGroup group = wanted.get(i);
                devices.put(group, found.get(i).text()
                        .map(text -> DeviceGroups.decode(DeviceGroups.key(account, group.kind()), group, text)
                                .devices())
                        .orElse(Set.of()));
            }
            return Permissions.of(rules, group -> devices.getOrDefault(group, Set.of()));
        });
    }
}
