package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.Rule;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.StaticToken;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CompactToken;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The static tokens of an account. What cannot be done is a {@link ChangeRefusedException}. */
public final class StaticTokens {
    /** A token that is shorter can be guessed. */
    public static final int SAFE_LENGTH = 16;
    /** Shortest token that an operator may choose. Those that were chosen before there was a shortest one stay valid. */
    public static final int MIN_LENGTH = 8;
    /** Longest token. */
    public static final int MAX_LENGTH = 512;

    private static final int RANDOM_BYTES = 32;

    private final CredentialRecords credentials;
    private final ManagedCredentials<StaticToken> tokens;
    private final Clock clock;

    public StaticTokens(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, TokenSettings settings) {
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.tokens = new ManagedCredentials<>(ListKind.STATIC_TOKENS,
                new Listing<>(redis, credentials, stored, clock, ListKind.STATIC_TOKENS, StaticToken.class,
                        settings.maxPerAccount()),
                new Endings(redis, secrets, clock),
                Optional.of(new TokenNames(redis, secrets, credentials, clock)), settings.maxPerAccount());
    }

    /** A token without its text. */
    public record Listed(String id, StaticToken token) {
        private static Listed of(Listing.Entry<StaticToken> entry) {
            return new Listed(entry.id(), entry.credential());
        }
    }

    /** A token that was just made; the only time that its text is to be had. */
    public record Issued(Listed listed, PresentedCredential text) {}

    /**
     * Whether a text can be a static token: what a header can hold, and no other kind of credential.
     *
     * @return what is wrong; empty when nothing is
     */
    public static Optional<String> complaint(String text) {
        if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH) {
            return Optional.of("is not of " + MIN_LENGTH + " to " + MAX_LENGTH + " characters");
        }
        if (!text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ',')) {
            return Optional.of("holds what is not visible ASCII, or a comma");
        }
        if (CompactToken.isOne(text)) {
            return Optional.of("has two or four dots, as a JWT or JWE has");
        }
        return Optional.empty();
    }

    /**
     * Makes a token.
     *
     * @param chosen its text; generated when it is left out
     */
    public Mono<Issued> create(AccountId account, String name, Optional<String> chosen, List<Rule> rules) {
        return chosen.map(Mono::just).orElseGet(() -> Mono.fromSupplier(() -> KeyGenerator.urlSafe(RANDOM_BYTES))
                .subscribeOn(Schedulers.boundedElastic()))
                .flatMap(text -> tokens.add(credentials.index(text), new StaticToken(account, name,
                        Instant.ofEpochMilli(clock.millis()), true, rules))
                        .map(entry -> new Issued(Listed.of(entry), new PresentedCredential(text))));
    }

    public Mono<Page<Listed>> list(AccountId account, Optional<String> name, Page.Request page) {
        return tokens.list(account, name, page).map(found -> found.map(Listed::of));
    }

    public Mono<Listed> require(AccountId account, String id) {
        return tokens.require(account, id).map(Listed::of);
    }

    /** Replaces what a token is called and may do, and whether it counts. */
    public Mono<Listed> replace(AccountId account, String id, String name, boolean enabled, List<Rule> rules) {
        return tokens.change(account, id, token -> token.with(name, enabled, rules)).map(Listed::of);
    }

    public Mono<Void> delete(AccountId account, String id) {
        return tokens.delete(account, id);
    }
}
