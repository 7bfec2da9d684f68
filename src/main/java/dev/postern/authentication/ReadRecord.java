package dev.postern.authentication;

import dev.postern.account.RecordRef;
import dev.postern.account.Revision;
import dev.postern.account.StoredRecord;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.UnreadableRecordException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record that a verification read.
 *
 * @param unsaved whether it is not in the store, but was shown in place of the one there
 * @param cached  how long ago the gate had read it from the store; null if it read it now
 */
public record ReadRecord(RecordRef ref, StoredRecord record, boolean unsaved, @Nullable Duration cached) {
    /** The version of the record: the revision of its text. Empty if there is none. */
    public Optional<Revision> version() {
        return record.text().map(Revision::of);
    }

    /** The credential in this record; empty if it is another kind of record, cannot be read, or is not there. */
    public Optional<Credential.Stored> credential() {
        return index().isEmpty() ? Optional.empty() : record.text().flatMap(text -> {
            try {
                return Optional.of(CredentialCodec.decode(ref.key(), text));
            } catch (UnreadableRecordException unreadable) {
                return Optional.empty();
            }
        });
    }

    /** The index of the credential whose record it is; empty if it is another kind of record. */
    public Optional<String> index() {
        return CredentialRecords.indexOf(ref.key());
    }
}
