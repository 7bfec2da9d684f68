package dev.postern.credential;

import dev.postern.access.CredentialId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.time.Instant;
import reactor.core.publisher.Mono;

/**
 * The records of credentials in Redis, found by the keyed hash of their secret. One record holds everything that a
 * decision needs, under one key, so that a decision costs one round trip and every change is atomic by itself. The
 * account's own index of keys, in another slot of a cluster, only lists; it never grants.
 */
public final class CredentialRecords {
    private static final String PREFIX = "postern:credential:";

    private final RedisStore redis;
    private final SecretKeys secrets;

    public CredentialRecords(RedisStore redis, SecretKeys secrets) {
        this.redis = redis;
        this.secrets = secrets;
    }

    /** The index of a secret: what stands for it everywhere. */
    public String index(String secret) {
        return secrets.index("credential", secret);
    }

    /** Names the credential without its secret; of the index, so that it costs no lookup. */
    public static CredentialId idOf(String index) {
        return new CredentialId(index.substring(0, 22));
    }

    public static String key(String index) {
        return PREFIX + index;
    }

    /** Empty when there is none. */
    public Mono<Credential.Stored> find(String index) {
        String key = key(index);
        return redis.run(commands -> commands.get(key)).map(record -> CredentialCodec.decode(key, record));
    }

    /** Writes a new record; false when the index is taken. */
    public Mono<Boolean> create(String index, Credential.Stored credential) {
        return create(index, CredentialCodec.encode(credential));
    }

    /** Writes a new record as {@link CredentialCodec} encodes it; false when the index is taken. */
    public Mono<Boolean> create(String index, String record) {
        return write(index, record, SetArgs.Builder.nx());
    }

    /** Writes a new record that is kept until then; false when the index is taken. */
    public Mono<Boolean> create(String index, Credential.Stored credential, Instant kept) {
        return write(index, CredentialCodec.encode(credential), SetArgs.Builder.nx().pxAt(kept));
    }

    private Mono<Boolean> write(String index, String record, SetArgs how) {
        String key = key(index);
        return redis.changes().making(redis.run(commands -> commands.set(key, record, how)), key).hasElement();
    }

    /**
     * Replaces a record if it is still the one that was read; false when it changed or is gone.
     *
     * @param replacement as {@link CredentialCodec} encodes it
     */
    public Mono<Boolean> replace(String index, Credential.Stored expected, String replacement) {
        String key = key(index);
        return redis.changes().changing(
                Scripts.compareAndSet(redis, key, CredentialCodec.encode(expected), replacement), key);
    }

    /** Ends a record that stays, to tell what became of it; nothing happens when it is gone. */
    public Mono<Void> end(String index, Credential.Stored present, Credential.Stored ended) {
        String key = key(index);
        return redis.changes().ending(redis.run(commands -> commands.set(key, CredentialCodec.encode(ended),
                SetArgs.Builder.xx().keepttl())).map(_ -> CredentialCodec.encode(present)), key).then();
    }

    /**
     * Deletes a record whose place another one takes, which nobody has asked for: there are so many of them that gates do not
     * keep in mind how each of them was. False when there was none.
     */
    public Mono<Boolean> giveUp(String index) {
        String key = key(index);
        return redis.changes().changing(redis.run(commands -> commands.getdel(key)), key).hasElement();
    }

    /** False when there was none. */
    public Mono<Boolean> delete(String index) {
        String key = key(index);
        return redis.changes().ending(redis.run(commands -> commands.getdel(key)), key).hasElement();
    }
}
