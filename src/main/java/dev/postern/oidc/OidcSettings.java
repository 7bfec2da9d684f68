package dev.postern.oidc;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Sign-in with an identity provider (OpenID Connect).
 *
 * @param issuerUri The issuer. If it is set, operators can sign in with it. It must be an https address, except on this
 *     machine.
 * @param clientId Required with {@code issuer-uri}. The ID of the gate at the provider.
 * @param clientSecret The secret of the gate at the provider. It is empty for a public client.
 * @param scopes The scopes to request.
 * @param groupsClaim The claim of the ID token that lists the groups, or a path to it such as {@code
 *     realm_access.roles}.
 * @param nameClaim The claim with the name to show. Without it, the subject is shown.
 * @param roles The groups whose members get a role.
 * @param buttonText The text of the button on the sign-in page.
 * @param redirectUri The address of {@code /login/oidc/callback} as browsers reach it. By default, it is derived from
 *     {@code Host} and {@code X-Forwarded-Proto}.
 * @param timeout The longest time for each call to the provider.
 */
public record OidcSettings(@Nullable String issuerUri, @Nullable String clientId, @Nullable String clientSecret,
        @DefaultValue({
                "openid", "profile"}) List<String> scopes,
        @DefaultValue("groups") String groupsClaim,
        @DefaultValue("preferred_username") String nameClaim,
        @NestedConfigurationProperty @DefaultValue OidcRoles roles, @Nullable String buttonText,
        @Nullable String redirectUri, @DefaultValue("5s") Duration timeout) {
    /** Where the provider sends browsers back to. */
    public static final String CALLBACK = "/login/oidc/callback";

    private static final String WHERE = "postern.console.oidc.";
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Duration LONGEST = Duration.ofSeconds(30);

    public OidcSettings {
        scopes = List.copyOf(scopes);
        if (present(issuerUri).isPresent()) {
            address(WHERE + "issuer-uri", String.valueOf(issuerUri));
            if (present(clientId).isEmpty()) {
                throw new IllegalArgumentException(WHERE + "client-id is required with issuer-uri");
            }
            if (!scopes.contains("openid")) {
                throw new IllegalArgumentException(WHERE + "scopes must contain openid");
            }
            if (roles.isEmpty()) {
                throw new IllegalArgumentException(
                        WHERE + "roles must have a group for admin, editor or viewer: nobody could sign in");
            }
        }
        if (present(redirectUri).isPresent()
                && !address(WHERE + "redirect-uri", String.valueOf(redirectUri)).getPath().endsWith(CALLBACK)) {
            throw new IllegalArgumentException(WHERE + "redirect-uri must end with " + CALLBACK);
        }
        if (!timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    WHERE + "timeout must be more than 0 and at most " + LONGEST.toSeconds() + " s");
        }
    }

    /** Whether operators can sign in with the provider. */
    public boolean isOn() {
        return present(issuerUri).isPresent();
    }

    String issuer() {
        return present(issuerUri).orElseThrow();
    }

    String client() {
        return present(clientId).orElseThrow();
    }

    Optional<String> secret() {
        return present(clientSecret);
    }

    Optional<String> fixedRedirect() {
        return present(redirectUri);
    }

    private static Optional<String> present(@Nullable String text) {
        return Optional.ofNullable(text).filter(value -> !value.isBlank());
    }

    /**
     * Reads an address. Whoever can answer in the provider's place can sign in, so plain HTTP is accepted only on this
     * machine.
     *
     * @throws IllegalArgumentException if the address is not acceptable; the message names {@code what}
     */
    static URI address(String what, String text) {
        URI address;
        try {
            address = new URI(text);
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException(what + " is malformed at character " + malformed.getIndex(), malformed);
        }
        boolean loopback = LOOPBACK.contains(String.valueOf(address.getHost()));
        if (address.getHost() == null || address.getRawUserInfo() != null
                || !("https".equals(address.getScheme()) || ("http".equals(address.getScheme()) && loopback))) {
            throw new IllegalArgumentException(what + " must be an https address; http only on this machine");
        }
        return address;
    }

    /** Leaves out the secret. */
    @Override
    public String toString() {
        return "OidcSettings[" + issuerUri + "]";
    }
}
