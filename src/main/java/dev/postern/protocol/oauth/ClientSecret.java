package dev.postern.protocol.oauth;

import dev.postern.credential.PresentedCredential;
import dev.postern.protocol.Form;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The credentials of a client (RFC 6749, section 2.3.1).
 *
 * @param appKey   its claimed identity
 * @param secret   its secret
 * @param inHeader whether they came in the header rather than the body
 */
record ClientSecret(String appKey, PresentedCredential secret, boolean inHeader) {
    private static final String BASIC = "Basic ";

    /**
     * Finds the credentials in the header or in the body. If they are in the header, the body may still repeat the
     * client's ID.
     *
     * @param authorization all values of the header Authorization
     * @throws OAuthException if the credentials are in neither or in both, or name two clients
     */
    static ClientSecret find(List<String> authorization, Form form) {
        Optional<String> id = OAuthEndpoint.value(form, "client_id");
        Optional<String> secret = OAuthEndpoint.value(form, "client_secret");
        if (authorization.isEmpty()) {
            if (id.isEmpty() || secret.isEmpty()) {
                throw OAuthException.invalidClient(false, "Client authentication is missing.");
            }
            return new ClientSecret(id.get(), new PresentedCredential(secret.get()), false);
        }
        if (authorization.size() > 1 || secret.isPresent()) {
            throw OAuthException.invalidRequest("The client uses more than one authentication method.");
        }
        ClientSecret client = basic(authorization.getFirst().strip());
        if (id.isPresent() && !id.get().equals(client.appKey())) {
            throw OAuthException.invalidRequest("client_id and the header Authorization name different clients.");
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
            // Not valid Base64 or form encoding: falls through to the refusal below.
        }
        throw OAuthException.invalidClient(true, "The credentials cannot be read.");
    }
}
