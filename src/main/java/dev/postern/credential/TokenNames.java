package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The names of static, RSA and JWT tokens, of which no two are the same, whatever the account. A name is reserved before its
 * token is written, and given up after its token is gone; one that was reserved and not used, because the gate was cut off, is
 * free again after ten minutes.
 */
final class TokenNames {
    private static final long MAKING_MILLIS = 600_000;
    private static final String RELEASE = Scripts.read("/dev/postern/credential/release-name.lua");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final Clock clock;

    TokenNames(RedisStore redis, SecretKeys secrets, CredentialRecords credentials, Clock clock) {
        this.redis = redis;
        this.secrets = secrets;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Who holds a name. */
    private record Holder(AccountId account, String kind, String index, Instant reserved) {
        String encode() {
            return JSON.writeValueAsString(JSON.createObjectNode().put("account", account.value()).put("kind", kind)
                    .put("index", index).put("reserved", reserved.toEpochMilli()));
        }

        static Optional<Holder> decode(String text) {
            try {
                RecordJson json = new RecordJson(JSON.readTree(text));
                return Optional.of(new Holder(json.account(), json.string("kind"), json.string("index"),
                        json.time("reserved")));
            } catch (JacksonException | IllegalArgumentException corrupt) {
                return Optional.empty();
            }
        }

        String describe() {
            return "the " + kind + " " + CredentialRecords.idOf(index) + " of account " + account;
        }
    }

    /**
     * Reserves a name for a token; an error with {@link ChangeRefusedException.Why#NAME_TAKEN} when another has it.
     *
     * @return whether it was free; false when the token had it already
     */
    Mono<Boolean> reserve(String name, Credential.Managed token, String index) {
        Holder holder = new Holder(token.account(), CredentialCodec.kind(token), index, clock.instant());
        String key = key(name);
        return redis.run(commands -> commands.set(key, holder.encode(), SetArgs.Builder.nx())).hasElement()
                .flatMap(free -> free ? Mono.just(true) : contest(name, key, holder));
    }

    private Mono<Boolean> contest(String name, String key, Holder newcomer) {
        return redis.run(commands -> commands.get(key)).flatMap(text -> {
            Optional<Holder> holder = Holder.decode(text);
            if (holder.isPresent() && holder.get().index().equals(newcomer.index())) {
                return Mono.just(false);
            }
            boolean old = holder.isEmpty()
                    || clock.millis() - holder.get().reserved().toEpochMilli() > MAKING_MILLIS;
            Mono<Boolean> used = holder.isEmpty() ? Mono.just(false) : isUsed(holder.get(), name);
            return used.flatMap(isUsed -> isUsed || !old
                    ? Mono.<Boolean>error(taken(name, holder))
                    : Scripts.compareAndSet(redis, key, text, newcomer.encode())
                            .filter(ours -> ours).switchIfEmpty(Mono.error(() -> taken(name, Optional.empty()))));
        }).switchIfEmpty(Mono.error(() -> taken(name, Optional.empty())));
    }

    private Mono<Boolean> isUsed(Holder holder, String name) {
        return credentials.find(holder.index()).map(found -> found instanceof Credential.Managed token
                && isSame(token.name(), name)).defaultIfEmpty(false);
    }

    private static ChangeRefusedException taken(String name, Optional<Holder> holder) {
        return new ChangeRefusedException(ChangeRefusedException.Why.NAME_TAKEN, "The name '" + name + "' is taken by "
                + holder.map(Holder::describe).orElse("another token") + ".");
    }

    /** Gives a name up, if it is this token's. */
    Mono<Void> release(String name, String index) {
        return Scripts.run(redis, RELEASE, new String[]{key(name)}, index).then();
    }

    private String key(String name) {
        // Names are free text: as keys they are all of one form and length.
        return "postern:token-name:" + secrets.index("token-name", normal(name));
    }

    /** Whether no two tokens can have these names. */
    static boolean isSame(String one, String other) {
        return normal(one).equals(normal(other));
    }

    private static String normal(String name) {
        return Normalizer.normalize(name.strip(), Normalizer.Form.NFC);
    }
}
