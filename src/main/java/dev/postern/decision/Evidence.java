package dev.postern.decision;

import dev.postern.account.Revision;
import dev.postern.authentication.ReadRecord;
import dev.postern.credential.CredentialRecords;
import java.time.Duration;
import java.util.Optional;

/**
 * A record that a decision is based on.
 *
 * @param record  what it is, such as {@code user alice}
 * @param version its version; empty if there is no such record
 * @param unsaved whether it is not in the store, but was assumed
 * @param cached  how long ago the gate had read it from the store; empty if it read it now
 */
public record Evidence(String record, Optional<Revision> version, boolean unsaved, Optional<Duration> cached) {
    static Evidence of(ReadRecord read) {
        return new Evidence(name(read), read.version(), read.unsaved(), Optional.ofNullable(read.cached()));
    }

    private static String name(ReadRecord read) {
        String key = read.ref().key();
        return read.index().map(index -> "credential " + CredentialRecords.idOf(index)).orElseGet(() -> {
            String field = read.ref().field().map(name -> " " + name).orElse("");
            String plural = key.substring(key.lastIndexOf(':') + 1);
            return switch (plural) {
                case "projects" -> "project" + field;
                case "users" -> "user" + field;
                // The name of a blocked subject is hashed.
                default -> plural;
            };
        });
    }
}
