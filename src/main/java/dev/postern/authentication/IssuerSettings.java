package dev.postern.authentication;

import dev.postern.access.AccountId;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An external issuer whose tokens the gate accepts: {@code postern.issuers.<name>.*}.
 *
 * @param issuer Required. The {@code iss} of its tokens.
 * @param jwksUri Required. The address of its public keys. It must be an https address, except on this machine.
 * @param audience Required. What {@code aud} of its tokens must contain.
 * @param account The account of all its tokens. Exactly one of {@code account} and {@code account-claim} is required.
 * @param accountClaim The claim that names the account.
 * @param scopesClaim The claim that holds the scopes. If it is empty, tokens are valid for every API.
 * @param devicesClaim The claim that lists devices. If it is set, a token is valid for these devices only.
 * @param type {@code at+jwt} for access tokens of RFC 9068, which have {@code sub}, {@code client_id}, {@code iat}
 *     and {@code jti}; {@code jwt} for other tokens.
 * @param algorithms The accepted algorithms. {@code RS384}, {@code RS512}, {@code PS384}, {@code PS512}, {@code
 *     ES384} and {@code ES512} are also supported.
 * @param maxLifetime The longest lifetime of a token.
 */
@ConfigurationPropertiesSource
public record IssuerSettings(@Nullable String issuer, @Nullable String jwksUri, @Nullable String audience,
        @Nullable String account, @Nullable String accountClaim, @DefaultValue("scope") String scopesClaim,
        @Nullable String devicesClaim, @DefaultValue("at+jwt") String type,
        @DefaultValue({
                "RS256", "PS256", "ES256", "EdDSA"}) List<String> algorithms,
        @DefaultValue("24h") Duration maxLifetime) {
    private static final Set<String> KNOWN = Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
            "ES384", "ES512", "EdDSA");

    /** Whether its tokens have to be access tokens of RFC 9068. */
    boolean accessTokensOnly() {
        return type.equals("at+jwt");
    }

    /**
     * Checks the settings.
     *
     * @param where their name, for complaints
     * @throws IllegalArgumentException if one is missing or wrong; the message says which
     */
    void check(String where) {
        require(where + ".issuer", issuer);
        require(where + ".audience", audience);
        address(where);
        boolean fixed = present(account).isPresent();
        if (fixed == present(accountClaim).isPresent()) {
            throw new IllegalArgumentException(where + " has to have exactly one of account and account-claim");
        }
        if (fixed && !AccountId.isValid(String.valueOf(account))) {
            throw new IllegalArgumentException(where + ".account is not an ID of an account");
        }
        if (!type.equals("at+jwt") && !type.equals("jwt")) {
            throw new IllegalArgumentException(where + ".type must be at+jwt or jwt");
        }
        if (algorithms.isEmpty() || !KNOWN.containsAll(algorithms)) {
            throw new IllegalArgumentException(
                    where + ".algorithms must be some of " + KNOWN.stream().sorted().toList());
        }
        if (!maxLifetime.isPositive()) {
            throw new IllegalArgumentException(where + ".max-lifetime must be more than 0");
        }
    }

    /**
     * The address of the keys. Whoever can answer in the issuer's place can make tokens, so plain HTTP is accepted only
     * on this machine.
     */
    URI address(String where) {
        try {
            URI address = new URI(require(where + ".jwks-uri", jwksUri));
            boolean loopback = Set.of("127.0.0.1", "localhost", "[::1]").contains(String.valueOf(address.getHost()));
            if (address.getHost() == null
                    || !("https".equals(address.getScheme()) || ("http".equals(address.getScheme()) && loopback))) {
                throw new IllegalArgumentException(where + ".jwks-uri must be an https address");
            }
            return address;
        } catch (URISyntaxException notAnAddress) {
            throw new IllegalArgumentException(where + ".jwks-uri is not an address");
        }
    }

    static String require(String where, @Nullable String value) {
        return present(value).orElseThrow(() -> new IllegalArgumentException(where + " is missing"));
    }

    static Optional<String> present(@Nullable String value) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank());
    }
}
