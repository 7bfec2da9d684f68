package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.StaticToken;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CompactToken;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Creates, lists and changes the static tokens of an account. Fails with {@link ChangeRefusedException} if a change is
 * not possible.
 */
public final class StaticTokens implements NamedCredentials<StaticTokens.Listed> {
    /** Shorter tokens can be guessed. */
    public static final int SAFE_LENGTH = 16;
    /** The minimum length of a token that an operator chooses. Shorter ones from before this limit stay valid. */
    public static final int MIN_LENGTH = 8;
    /** The maximum length of a token. */
    public static final int MAX_LENGTH = 512;

    private static final int RANDOM_BYTES = 32;

    private final CredentialRecords credentials;
    private final ManagedCredentials<StaticToken> tokens;
    private final SecretRotation<StaticToken> rotation;
    private final Clock clock;

    public StaticTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings) {
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.tokens = new ManagedCredentials<>(ListKind.STATIC_TOKENS, lists,
                new Listing<>(redis, credentials, lists.stored(), clock, ListKind.STATIC_TOKENS, StaticToken.class,
                        settings.maxPerAccount()),
                new CredentialRemoval(redis, secrets, clock),
                Optional.of(new ManagedCredentials.UniqueNames<>(new TokenNames(redis, secrets, credentials, clock),
                        StaticToken::withNameMark)),
                settings.maxPerAccount());
        this.rotation = new SecretRotation<>(tokens, credentials, clock, () -> KeyGenerator.urlSafe(RANDOM_BYTES),
                (_, _) -> Optional.empty());
    }

    /** A token without its text. */
    public record Listed(String id, StaticToken token) {
        private static Listed of(Listing.Entry<StaticToken> entry) {
            return new Listed(entry.id(), entry.credential());
        }
    }

    /** A new token. Its text cannot be shown again. */
    public record Issued(Listed listed, PresentedCredential text) {}

    /**
     * Checks whether a text can be a static token: it must fit into a header, and must not look like another kind of
     * credential.
     *
     * @return the reason why not; empty if it is valid
     */
    public static Optional<String> complaint(String text) {
        if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH) {
            return Optional.of("must have " + MIN_LENGTH + " to " + MAX_LENGTH + " characters");
        }
        if (!text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ',')) {
            return Optional.of("must be visible ASCII without commas");
        }
        if (CompactToken.isOne(text)) {
            return Optional.of("must not have two or four dots, like a JWT or JWE");
        }
        return Optional.empty();
    }

    /**
     * Creates a token.
     *
     * @param chosen its text; generated if empty
     */
    public Mono<Issued> create(AccountId account, String name, Optional<String> chosen, List<Rule> rules,
            Limits limits) {
        return chosen.map(Mono::just).orElseGet(() -> Mono.fromSupplier(() -> KeyGenerator.urlSafe(RANDOM_BYTES))
                .subscribeOn(Schedulers.boundedElastic()))
                .flatMap(text -> tokens.add(credentials.index(text), new StaticToken(account, name,
                        Instant.ofEpochMilli(clock.millis()), true, rules, limits))
                        .map(entry -> new Issued(Listed.of(entry), new PresentedCredential(text))));
    }

    @Override
    public Mono<Page<Listed>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        return tokens.list(account, filter, page).map(found -> found.map(Listed::of));
    }

    @Override
    public Mono<Listed> require(AccountId account, String id) {
        return tokens.require(account, id).map(Listed::of);
    }

    /** Replaces the name, the rules, the enabled state and the limits of a token. */
    public Mono<Listed> replace(AccountId account, String id, String name, boolean enabled, List<Rule> rules,
            UnaryOperator<Limits> limits) {
        return tokens.change(account, id, token -> token.with(name, enabled, rules, limits.apply(token.limits())))
                .map(Listed::of);
    }

    /** Generates a new text. The current one stays valid for a while. */
    public Mono<Issued> rotate(AccountId account, String id, Duration overlap) {
        return rotation.rotate(account, id, overlap)
                .map(rotated -> new Issued(Listed.of(rotated.entry()), rotated.secret()));
    }

    /** Ends the time in which two texts are valid. */
    public Mono<Listed> endRotation(AccountId account, String id, Revoked revoked) {
        return rotation.end(account, id, revoked).map(Listed::of);
    }

    @Override
    public Mono<Void> delete(AccountId account, String id) {
        return tokens.delete(account, id);
    }
}
