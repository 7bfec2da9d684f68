package dev.postern.credential;

import dev.postern.access.CredentialId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Stores the records of credentials in Redis, under the keyed hash of their secret. Each record holds, under a single
 * key, everything that a decision needs from that credential, so every change of a credential is atomic. Some
 * credentials refer to other records: an access token to its application, and rules to projects and users. An account's
 * index of its keys, which may be in another slot of a cluster, is only for listing; it never grants access.
 */
public final class CredentialRecords {
    private static final String PREFIX = "postern:credential:";

    private final RedisStore redis;
    private final SecretKeys secrets;

    public CredentialRecords(RedisStore redis, SecretKeys secrets) {
        this.redis = redis;
        this.secrets = secrets;
    }

    /** The index of a secret, which is used in place of the secret everywhere. */
    public String index(String secret) {
        return secrets.index("credential", secret);
    }

    /**
     * An ID for the credential that does not reveal its secret. It is derived from the index, so it needs no lookup.
     */
    public static CredentialId idOf(String index) {
        return new CredentialId(index.substring(0, 22));
    }

    public static String key(String index) {
        return PREFIX + index;
    }

    /** The index of the credential whose record is at this key; empty if it is another key. */
    public static Optional<String> indexOf(String key) {
        return key.startsWith(PREFIX) ? Optional.of(key.substring(PREFIX.length())) : Optional.empty();
    }

    /** Finds the credential with this index; empty if there is none. */
    public Mono<Credential.Stored> find(String index) {
        String key = key(index);
        return redis.run(commands -> commands.get(key)).map(record -> CredentialCodec.decode(key, record));
    }

    /** Writes a new record; returns false if the index is taken. */
    public Mono<Boolean> create(String index, Credential.Stored credential) {
        return create(index, CredentialCodec.encode(credential));
    }

    /** Writes a new record in the encoding of {@link CredentialCodec}; returns false if the index is taken. */
    public Mono<Boolean> create(String index, String record) {
        return write(index, record, SetArgs.Builder.nx());
    }

    /** Writes a new record that expires at the given time; returns false if the index is taken. */
    public Mono<Boolean> create(String index, Credential.Stored credential, Instant kept) {
        return write(index, CredentialCodec.encode(credential), SetArgs.Builder.nx().pxAt(kept));
    }

    private Mono<Boolean> write(String index, String record, SetArgs how) {
        String key = key(index);
        return redis.changes().making(redis.run(commands -> commands.set(key, record, how)), key).hasElement();
    }

    /**
     * Replaces a record if it is still the same as when it was read; returns false if it was changed or deleted.
     *
     * @param replacement the new record in the encoding of {@link CredentialCodec}
     */
    public Mono<Boolean> replace(String index, Credential.Stored expected, String replacement) {
        String key = key(index);
        return redis.changes().changing(
                Scripts.compareAndSet(redis, key, CredentialCodec.encode(expected), replacement), key);
    }

    /**
     * Replaces a record with its revoked form, which stays so that denials can say why. Does nothing if the record is
     * gone.
     */
    public Mono<Void> end(String index, Credential.Stored present, Credential.Stored ended) {
        String key = key(index);
        return redis.changes().ending(redis.run(commands -> commands.set(key, CredentialCodec.encode(ended),
                SetArgs.Builder.xx().keepttl())).map(_ -> CredentialCodec.encode(present)), key).then();
    }

    /**
     * Deletes a record that is superseded by another one, rather than at somebody's request. There are too many of
     * these for gates to remember how each one ended. Returns false if there was none.
     */
    public Mono<Boolean> giveUp(String index) {
        String key = key(index);
        return redis.changes().changing(redis.run(commands -> commands.getdel(key)), key).hasElement();
    }

    /** Deletes a record if it is still the same as when it was read; returns false if it was changed or deleted. */
    public Mono<Boolean> delete(String index, Credential.Stored expected) {
        String key = key(index);
        return redis.changes()
                .ending(Scripts.compareAndDelete(redis, key, CredentialCodec.encode(expected)), key).hasElement();
    }

    /** Deletes a record; returns false if there was none. */
    public Mono<Boolean> delete(String index) {
        String key = key(index);
        return redis.changes().ending(redis.run(commands -> commands.getdel(key)), key).hasElement();
    }
}
