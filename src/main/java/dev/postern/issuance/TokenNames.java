package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.RecordJson;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps the names of static, RSA and JWT tokens unique across all accounts. A name is reserved before its token is
 * written, and released after its token is deleted. If a call is interrupted in between, the unused reservation expires
 * after ten minutes.
 */
final class TokenNames {
    private static final long MAKING_MILLIS = 600_000;
    private static final String RELEASE = Scripts.read("/dev/postern/issuance/release-name.lua");
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

    /** The holder of a name. */
    private record Holder(AccountId account, String kind, String index, Instant reserved) {
        String encode() {
            return JSON.writeValueAsString(JSON.createObjectNode().put("account", account.value()).put("kind", kind)
                    .put("index", index).put("reserved", reserved.toEpochMilli())
                    // Makes every reservation a different text, so that releasing an old one does not release a new
                    // one.
                    .put("mark", ThreadLocalRandom.current().nextLong()));
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

    /** The state of a name before a token reserved it. */
    enum Before {
        /** Nobody held it. */
        FREE,
        /**
         * Reserved for the token, which does not use it or does not exist: a call was interrupted, or another one is
         * running.
         */
        RESERVED,
        /** The token already had this name. */
        USED
    }

    /** A name that a token holds, with the text of the reservation in the store. */
    record Held(String key, String text, Before before) {}

    /**
     * Reserves a name for a token. Fails with {@link ChangeRefusedException.Why#NAME_TAKEN} if another token has it. A
     * name that the token already holds is reserved again, so that a call that saw the old reservation cannot release
     * it.
     */
    Mono<Held> reserve(String name, Credential.Managed token, String index) {
        Holder holder = new Holder(token.account(), CredentialCodec.kind(token), index, clock.instant());
        Held wanted = new Held(key(name), holder.encode(), Before.FREE);
        return redis.run(commands -> commands.set(wanted.key(), wanted.text(), SetArgs.Builder.nx())).hasElement()
                .flatMap(free -> free ? Mono.just(wanted) : contest(name, wanted, index));
    }

    private Mono<Held> contest(String name, Held wanted, String index) {
        return redis.run(commands -> commands.get(wanted.key())).flatMap(text -> {
            Optional<Holder> holder = Holder.decode(text);
            boolean own = holder.isPresent() && holder.get().index().equals(index);
            boolean old = holder.isEmpty()
                    || clock.millis() - holder.get().reserved().toEpochMilli() > MAKING_MILLIS;
            // Read before reserving again: a concurrent deletion of the token has then seen the old text.
            Mono<Boolean> used = holder.isEmpty() ? Mono.just(false) : isUsed(holder.get(), name);
            return used.flatMap(isUsed -> {
                if (isUsed && own) {
                    return Mono.just(new Held(wanted.key(), text, Before.USED));
                }
                return isUsed || !(own || old)
                        ? Mono.<Held>error(taken(name, holder))
                        : Scripts.compareAndSet(redis, wanted.key(), text, wanted.text()).filter(ours -> ours)
                                .map(_ -> new Held(wanted.key(), wanted.text(), own ? Before.RESERVED : Before.FREE));
            });
        }).switchIfEmpty(Mono.error(() -> taken(name, Optional.empty())));
    }

    /**
     * The reservation of a name by this token; empty if it does not hold the name. Read this before changing the token.
     */
    Mono<Optional<Held>> find(String name, String index) {
        String key = key(name);
        return redis.run(commands -> commands.get(key))
                .filter(text -> Holder.decode(text).filter(holder -> holder.index().equals(index)).isPresent())
                .map(text -> Optional.of(new Held(key, text, Before.USED))).defaultIfEmpty(Optional.empty());
    }

    /** The token that has this name; empty if none has it. A token that is being made does not have it yet. */
    Mono<TokenNameLookup.Found> holder(String name) {
        return redis.run(commands -> commands.get(key(name)))
                .flatMap(text -> Mono.justOrEmpty(Holder.decode(text)))
                .filterWhen(holder -> isUsed(holder, name))
                .map(holder -> new TokenNameLookup.Found(holder.account(), holder.kind(),
                        CredentialRecords.idOf(holder.index()).value()));
    }

    private Mono<Boolean> isUsed(Holder holder, String name) {
        return credentials.find(holder.index()).map(found -> found instanceof Credential.Managed token
                && isSame(token.name(), name)).defaultIfEmpty(false);
    }

    private static ChangeRefusedException taken(String name, Optional<Holder> holder) {
        return new ChangeRefusedException(ChangeRefusedException.Why.NAME_TAKEN, "The name '" + name + "' is taken by "
                + holder.map(Holder::describe).orElse("another token") + ".");
    }

    /** Releases a name, unless it was reserved again since. */
    Mono<Void> release(Held held) {
        return Scripts.run(redis, RELEASE, new String[]{held.key()}, held.text()).then();
    }

    /** Whether two texts are the same name. */
    static boolean isSame(String name, String other) {
        return normal(name).equals(normal(other));
    }

    private String key(String name) {
        // Names are free text. Hashing gives all keys the same form and length.
        return "postern:token-name:" + secrets.index("token-name", normal(name));
    }

    private static String normal(String name) {
        return Normalizer.normalize(name.strip(), Normalizer.Form.NFC);
    }
}
