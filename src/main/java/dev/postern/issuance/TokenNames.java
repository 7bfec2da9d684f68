package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
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
 *
 * <p>The name and its token are in different Redis slots, so no script can change both. Each reservation therefore has
 * a mark, which is also in the token's record. A call that has replaced or deleted a record releases only the
 * reservation with the mark of that record, because any other may belong to a call that is still running. A call that
 * fails releases its own reservation if the name was free before.
 */
final class TokenNames {
    private static final long MAKING_MILLIS = 600_000;
    private static final int ATTEMPTS = 5;
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
    private record Holder(AccountId account, String kind, String index, Instant reserved, String mark) {
        String encode() {
            return JSON.writeValueAsString(JSON.createObjectNode().put("account", account.value()).put("kind", kind)
                    .put("index", index).put("reserved", reserved.toEpochMilli()).put("mark", mark));
        }

        static Optional<Holder> decode(String text) {
            try {
                RecordJson json = new RecordJson(JSON.readTree(text));
                return Optional.of(new Holder(json.account(), json.string("kind"), json.string("index"),
                        // The mark is a number in reservations that are older than the marks in tokens.
                        json.time("reserved"), json.json().path("mark").asString("")));
            } catch (JacksonException | IllegalArgumentException corrupt) {
                return Optional.empty();
            }
        }

        boolean isFor(Credential.Managed token, String tokenIndex) {
            return index.equals(tokenIndex) && token.nameMark().map(mark::equals).orElse(true);
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
         * Reserved for the token, but the token has another name or does not exist: a call was interrupted, or is
         * still running.
         */
        RESERVED,
        /** The token already had this name. */
        USED
    }

    /** A name that a token holds, with the text of the reservation in the store and its mark. */
    record Held(String key, String text, String mark, Before before) {}

    /**
     * Reserves a name for a token. Fails with {@link ChangeRefusedException.Why#NAME_TAKEN} if another token has it. If
     * the token uses the name already, its reservation stays. If the name is only reserved for the token, a new
     * reservation replaces the old one, so that a call that saw the old one cannot release the name.
     */
    Mono<Held> reserve(String name, Credential.Managed token, String index) {
        Holder holder = new Holder(token.account(), CredentialCodec.kind(token), index, clock.instant(),
                Long.toHexString(ThreadLocalRandom.current().nextLong()));
        Held wanted = new Held(key(name), holder.encode(), holder.mark(), Before.FREE);
        return redis.run(commands -> commands.set(wanted.key(), wanted.text(), SetArgs.Builder.nx())).hasElement()
                .flatMap(free -> free ? Mono.just(wanted) : contest(name, wanted, index));
    }

    private Mono<Held> contest(String name, Held wanted, String index) {
        return redis.run(commands -> commands.get(wanted.key())).flatMap(text -> {
            Optional<Holder> holder = Holder.decode(text);
            boolean own = holder.isPresent() && holder.get().index().equals(index);
            boolean old = holder.isEmpty()
                    || clock.millis() - holder.get().reserved().toEpochMilli() > MAKING_MILLIS;
            // Look for the token before reserving the name again. If the token has already been deleted, the call that
            // deleted it has read the old reservation, and cannot release the new one.
            Mono<Boolean> used = holder.isEmpty() ? Mono.just(false) : isUsed(holder.get(), name);
            return used.flatMap(isUsed -> {
                if (isUsed && own) {
                    return Mono.just(new Held(wanted.key(), text, holder.get().mark(), Before.USED));
                }
                return isUsed || !(own || old)
                        ? Mono.<Held>error(taken(name, holder))
                        : Scripts.compareAndSet(redis, wanted.key(), text, wanted.text()).filter(ours -> ours)
                                .map(_ -> new Held(wanted.key(), wanted.text(), wanted.mark(),
                                        own ? Before.RESERVED : Before.FREE));
            });
        }).switchIfEmpty(Mono.error(() -> taken(name, Optional.empty())));
    }

    /**
     * Makes sure that a new token holds its name, after its record was written. A change of a former token with the
     * same index may have replaced the reservation, and its deletion may have released the name. A rename needs no such
     * check: it succeeds only if the token still has the record that was read before the name was reserved. Fails with
     * {@link ChangeRefusedException.Why#NAME_TAKEN} if another token has the name now.
     */
    Mono<Void> confirm(String name, Held ours, String index) {
        return confirm(name, ours, index, ATTEMPTS);
    }

    private Mono<Void> confirm(String name, Held ours, String index, int attempts) {
        return redis.run(commands -> commands.get(ours.key())).map(Optional::of).defaultIfEmpty(Optional.empty())
                .flatMap(present -> confirm(name, ours, index, present))
                .flatMap(confirmed -> confirmed
                        ? Mono.empty()
                        : attempts > 1
                                ? confirm(name, ours, index, attempts - 1)
                                : Mono.error(new ConcurrentChangeException()));
    }

    /** Returns false if the reservation was changed meanwhile. */
    private Mono<Boolean> confirm(String name, Held ours, String index, Optional<String> present) {
        if (present.isEmpty()) {
            return redis.run(commands -> commands.set(ours.key(), ours.text(), SetArgs.Builder.nx())).hasElement();
        }
        if (present.get().equals(ours.text())) {
            return Mono.just(true);
        }
        Optional<Holder> holder = Holder.decode(present.get());
        return holder.filter(other -> !other.index().equals(index)).isPresent()
                ? Mono.error(taken(name, holder))
                : Scripts.compareAndSet(redis, ours.key(), present.get(), ours.text());
    }

    /**
     * The reservation of the name in this record of a token; empty if there is none, or if another has replaced it.
     * Call this before changing the token.
     */
    Mono<Optional<Held>> find(Credential.Managed token, String index) {
        String key = key(token.name());
        return redis.run(commands -> commands.get(key))
                .flatMap(text -> Mono.justOrEmpty(Holder.decode(text).filter(holder -> holder.isFor(token, index))
                        .map(holder -> new Held(key, text, holder.mark(), Before.USED))))
                .map(Optional::of).defaultIfEmpty(Optional.empty());
    }

    /** Fails like {@link #reserve} if another token has the name, but reserves nothing. */
    Mono<Void> requireFree(String name, String index) {
        String key = key(name);
        return redis.run(commands -> commands.get(key)).flatMap(text -> {
            Optional<Holder> holder = Holder.decode(text);
            if (holder.isEmpty() || holder.get().index().equals(index)) {
                return Mono.empty();
            }
            return isUsed(holder.get(), name).flatMap(used -> used
                    || clock.millis() - holder.get().reserved().toEpochMilli() <= MAKING_MILLIS
                            ? Mono.error(taken(name, holder))
                            : Mono.empty());
        });
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
