package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.Limits;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RsaToken;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.DecryptionKey;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * Creates, lists and changes the RSA open tokens of an account. Fails with {@link ChangeRefusedException} if a change
 * is not possible.
 */
public final class RsaTokens implements NamedCredentials<RsaTokens.Listed> {
    private static final int KEY_BYTES = 32;

    private final SecretKeys secrets;
    private final KeyIds keyIds;
    private final OpenKeys keys;
    private final ManagedCredentials<RsaToken> tokens;
    private final CryptoWorkers keyMakers;
    private final Clock clock;
    private final int keyBits;

    /** @param keyMakers the workers that generate key pairs, which can take seconds */
    public RsaTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings,
            CryptoWorkers keyMakers) {
        CredentialRecords credentials = new CredentialRecords(redis, secrets);
        this.secrets = secrets;
        this.keyIds = new KeyIds(secrets);
        this.keys = new OpenKeys(secrets, settings.maxOpenKeys());
        this.clock = clock;
        this.keyMakers = keyMakers;
        this.keyBits = settings.rsaKeyBits();
        this.tokens = new ManagedCredentials<>(ListKind.RSA_TOKENS, lists,
                new Listing<>(redis, credentials, lists.stored(), clock, ListKind.RSA_TOKENS, RsaToken.class,
                        settings.maxPerAccount()),
                new CredentialRemoval(redis, secrets, clock),
                Optional.of(new ManagedCredentials.UniqueNames<>(new TokenNames(redis, secrets, credentials, clock),
                        RsaToken::withNameMark)),
                settings.maxPerAccount());
    }

    /** A token without its secrets. */
    public record Listed(String id, RsaToken token) {
        private static Listed of(Listing.Entry<RsaToken> entry) {
            return new Listed(entry.id(), entry.credential());
        }
    }

    /**
     * The content of the token file, which a client needs to make tokens.
     *
     * @param key       the secret key that each token contains
     * @param publicPem the public key that tokens are encrypted for, as PEM
     * @param publicJwk the same, as JWK
     */
    public record TokenFile(RsaToken token, PresentedCredential key, String publicPem, String publicJwk) {}

    /**
     * Creates a token with a new key pair. Fails with {@link CryptoWorkers.BusyException} if too many are being
     * generated.
     */
    public Mono<Listed> create(AccountId account, String name, Set<ApiId> apis, Set<String> projects, Limits limits) {
        return keyMakers.run(() -> {
            String keyId = keyIds.next();
            String key = KeyGenerator.urlSafe(KEY_BYTES);
            return new RsaToken(account, name, Instant.ofEpochMilli(clock.millis()), true, apis, projects, keyId,
                    RsaToken.indexOfKey(secrets, key), secrets.seal(key, keyContext(keyId)),
                    secrets.seal(DecryptionKey.generate(keyBits).encoded(), OpenKeys.privateContext(keyId)), limits);
        }).flatMap(token -> tokens.add(keyIds.index(token.keyId()).orElseThrow(), token)).map(Listed::of);
    }

    @Override
    public Mono<Page<Listed>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        return tokens.list(account, filter, page).map(found -> found.map(Listed::of));
    }

    @Override
    public Mono<Listed> require(AccountId account, String id) {
        return tokens.require(account, id).map(Listed::of);
    }

    /** Reads the token file. */
    public Mono<TokenFile> file(AccountId account, String id) {
        return tokens.require(account, id).map(Listing.Entry::credential).flatMap(token -> keyMakers.run(() -> {
            DecryptionKey pair = keys.open(token);
            return new TokenFile(token,
                    new PresentedCredential(secrets.open(token.sealedKey(), keyContext(token.keyId()))),
                    pair.publicPem(), pair.publicJwk(token.keyId()));
        }));
    }

    /** Replaces the name, the permissions, the enabled state and the limits of a token; its keys stay. */
    public Mono<Listed> replace(AccountId account, String id, String name, boolean enabled, Set<ApiId> apis,
            Set<String> projects, UnaryOperator<Limits> limits) {
        return tokens
                .change(account, id, token -> token.with(name, enabled, apis, projects, limits.apply(token.limits())))
                .map(Listed::of);
    }

    @Override
    public Mono<Void> delete(AccountId account, String id) {
        return tokens.delete(account, id);
    }

    static String keyContext(String keyId) {
        return "rsa-token-key:" + keyId;
    }
}
