package dev.postern.issuance;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.Limits;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.JwtToken;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.PublicKeys;
import dev.postern.jose.VerificationKey;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Creates, lists and changes the JWT tokens of an account. Fails with {@link ChangeRefusedException} if a change is not
 * possible.
 */
public final class JwtTokens implements NamedCredentials<JwtTokens.Listed> {
    private static final int SECRET_BYTES = 32;

    private final SecretKeys secrets;
    private final KeyIds keyIds;
    private final ManagedCredentials<JwtToken> tokens;
    private final Clock clock;

    public JwtTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings) {
        CredentialRecords credentials = new CredentialRecords(redis, secrets);
        this.secrets = secrets;
        this.keyIds = new KeyIds(secrets);
        this.clock = clock;
        this.tokens = new ManagedCredentials<>(ListKind.JWT_TOKENS, lists,
                new Listing<>(redis, credentials, lists.stored(), clock, ListKind.JWT_TOKENS, JwtToken.class,
                        settings.maxPerAccount()),
                new CredentialRemoval(redis, secrets, clock),
                Optional.of(new ManagedCredentials.UniqueNames<>(new TokenNames(redis, secrets, credentials, clock),
                        JwtToken::withNameMark)),
                settings.maxPerAccount());
    }

    /** A token without its secret. */
    public record Listed(String id, JwtToken token) {
        private static Listed of(Listing.Entry<JwtToken> entry) {
            return new Listed(entry.id(), entry.credential());
        }
    }

    /**
     * A token with the secret that its clients sign with.
     *
     * @param secret the signing key is its UTF-8 bytes; empty if the client registered a public key
     */
    public record Shown(Listed listed, Optional<PresentedCredential> secret) {}

    /**
     * A public key that a client registers.
     *
     * @param jwk the key as JWK, with its algorithm
     */
    public record RegisteredKey(String jwk) {
        /**
         * Reads a key in JWK or PEM format.
         *
         * @throws IllegalArgumentException if the key cannot be used; the message says why
         */
        public static RegisteredKey read(String text) {
            JWK key = PublicKeys.read(text);
            String algorithm = VerificationKey.ofPublic(key, PublicKeys.REGISTERED).algorithm();
            Map<String, Object> jwk = key.toPublicJWK().toJSONObject();
            // A key without "alg" is still meant for one algorithm. Store it, so that it cannot change.
            jwk.put("alg", algorithm);
            return new RegisteredKey(JSONObjectUtils.toJSONString(jwk));
        }
    }

    /** Creates a token, with a generated secret or for a public key of the client. */
    public Mono<Shown> create(AccountId account, String name, Set<ApiId> apis, Set<String> users,
            Optional<RegisteredKey> registered, Limits limits) {
        return Mono.fromSupplier(() -> {
            String secretId = keyIds.next();
            JwtToken.Key key = registered.<JwtToken.Key>map(own -> new JwtToken.Key.Public(own.jwk()))
                    .orElseGet(() -> new JwtToken.Key.Secret(secrets.seal(KeyGenerator.urlSafe(SECRET_BYTES),
                            OpenKeys.secretContext(secretId))));
            return new JwtToken(account, name, Instant.ofEpochMilli(clock.millis()), true, apis, users, secretId, key,
                    limits);
        }).subscribeOn(Schedulers.boundedElastic())
                .flatMap(token -> tokens.add(keyIds.index(token.secretId()).orElseThrow(), token))
                .map(this::show);
    }

    private Shown show(Listing.Entry<JwtToken> entry) {
        JwtToken token = entry.credential();
        return new Shown(Listed.of(entry), switch (token.key()) {
            case JwtToken.Key.Secret(var sealed) -> Optional.of(new PresentedCredential(
                    secrets.open(sealed, OpenKeys.secretContext(token.secretId()))));
            case JwtToken.Key.Public _ -> Optional.empty();
        });
    }

    @Override
    public Mono<Page<Listed>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        return tokens.list(account, filter, page).map(found -> found.map(Listed::of));
    }

    @Override
    public Mono<Listed> require(AccountId account, String id) {
        return tokens.require(account, id).map(Listed::of);
    }

    /** Reads one token, with its secret. */
    public Mono<Shown> show(AccountId account, String id) {
        return tokens.require(account, id).map(this::show);
    }

    /** Replaces the name, the permissions, the enabled state and the limits of a token; its key stays. */
    public Mono<Listed> replace(AccountId account, String id, String name, boolean enabled, Set<ApiId> apis,
            Set<String> users, UnaryOperator<Limits> limits) {
        return tokens.change(account, id, token -> token.with(name, enabled, apis, users, limits.apply(token.limits())))
                .map(Listed::of);
    }

    /**
     * Generates a new secret. The current one stays valid for a while. Refused if the client registered its own key, or
     * while an old secret is still valid.
     */
    public Mono<Shown> rotate(AccountId account, String id, Duration overlap) {
        return Mono.fromSupplier(() -> KeyGenerator.urlSafe(SECRET_BYTES)).subscribeOn(Schedulers.boundedElastic())
                .flatMap(secret -> tokens.change(account, id, token -> rotated(token, secret, overlap)))
                .map(this::show);
    }

    private JwtToken rotated(JwtToken token, String secret, Duration overlap) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        SecretRotation.requireNoOld(token, now);
        return switch (token.key()) {
            case JwtToken.Key.Secret(var sealed) -> token.with(
                    new JwtToken.Key.Secret(secrets.seal(secret, OpenKeys.secretContext(token.secretId()))),
                    overlap.isPositive()
                            ? Optional.of(new JwtToken.OldKey(sealed, now, now.plus(overlap)))
                            : Optional.empty());
            case JwtToken.Key.Public _ -> throw new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                    "The client registered its own key. Make another JWT token for another key.");
        };
    }

    /** Ends the time in which two secrets are valid. */
    public Mono<Shown> endRotation(AccountId account, String id, Revoked revoked) {
        return tokens.change(account, id, token -> {
            revoked.requireOld(token, clock.instant());
            return token.with(switch (revoked) {
                case OLD -> token.key();
                case NEW -> new JwtToken.Key.Secret(token.old().orElseThrow().sealed());
            }, Optional.empty());
        }).map(this::show);
    }

    @Override
    public Mono<Void> delete(AccountId account, String id) {
        return tokens.delete(account, id);
    }
}
