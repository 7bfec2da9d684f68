package dev.postern.protocol.oauth;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The OAuth endpoints: {@code postern.oauth.*}.
 *
 * @param issuer The address of the public port as clients know it, such as {@code https://gate.example.com}. The
 *     default is the address that the client called. Behind a proxy, {@code /.well-known/oauth-authorization-server}
 *     needs this setting.
 */
public record OAuthSettings(@Nullable String issuer) {
    public OAuthSettings {
        Optional.ofNullable(issuer).filter(text -> !text.isBlank()).ifPresent(OAuthSettings::parse);
    }

    /** The address; empty when it is not set. */
    Optional<URI> address() {
        return Optional.ofNullable(issuer).filter(text -> !text.isBlank()).map(OAuthSettings::parse);
    }

    private static URI parse(String text) {
        try {
            URI address = new URI(text);
            if (Set.of("https", "http").contains(String.valueOf(address.getScheme())) && address.getHost() != null
                    && address.getRawUserInfo() == null && address.getRawQuery() == null
                    && address.getRawFragment() == null && !text.endsWith("/")) {
                return address;
            }
        } catch (URISyntaxException notAnAddress) {
            // Falls through to the complaint.
        }
        throw new IllegalArgumentException("postern.oauth.issuer must be an address such as https://gate.example.com,"
                + " without a query and without a slash at its end");
    }
}
