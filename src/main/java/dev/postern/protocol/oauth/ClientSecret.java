package dev.postern.protocol.oauth;

import dev.postern.credential.PresentedCredential;
import dev.postern.protocol.Form;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What a client authenticates with (RFC 6749, section 2.3.1).
 *
 * @param appKey   who it says it is
 * @param secret   its secret
 * @param inHeader whether this came in the header, and not in the body
 */
record ClientSecret(String appKey, PresentedCredential secret, boolean inHeader) {
    private static final String BASIC = "Basic ";

    /**
     * Finds it in the header or in the body. Beside the header, the body may name the client again.
     *
     * @param authorization every value of the header Authorization
     * @throws OAuthException if it is in neither, or in both, or if they name two clients
     */
    static ClientSecret find(List<String> authorization, Form form) {
        Optional<String> id = OAuthEndpoint.value(form, "client_id");
        Optional<String> secret = OAuthEndpoint.value(form, "client_secret");
        if (authorization.isEmpty()) {
            if (id.isEmpty() || secret.isEmpty()) {
                throw OAuthException.invalidClient(false, "The client does not authenticate itself.");
            }
            return new ClientSecret(id.get(), new PresentedCredential(secret.get()), false);
        }
        if (authorization.size() > 1 || secret.isPresent()) {
            throw OAuthException.invalidRequest("The client authenticates itself in more than one way.");
        }
        ClientSecret client = basic(authorization.getFirst().strip());
        if (id.isPresent() && !id.get().equals(client.appKey())) {
            throw OAuthException.invalidRequest("client_id names another client than the header Authorization.");
        }
        return client;
    }

    private static ClientSecret basic(String value) {
        if (!value.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            throw OAuthException.invalidClient(true, "The authorization scheme is not Basic.");
        }
        try {
            String both = new String(Base64.getDecoder().decode(value.substring(BASIC.length()).strip()),
                    StandardCharsets.ISO_8859_1);
            int colon = both.indexOf(':');
            if (colon >= 0) {
                return new ClientSecret(Form.decode(both.substring(0, colon)),
                        new PresentedCredential(Form.decode(both.substring(colon + 1))), true);
            }
        } catch (IllegalArgumentException _) {
            // Neither Base64 nor a form: what cannot be read is the secret of nobody.
        }
        throw OAuthException.invalidClient(true, "The credentials cannot be read.");
    }
}
