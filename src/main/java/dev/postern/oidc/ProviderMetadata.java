package dev.postern.oidc;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the discovery document of the provider says.
 *
 * @param secretInBody whether the provider takes the secret of a client only in the body of a token request
 */
record ProviderMetadata(URI authorization, URI token, URI keys, boolean secretInBody) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** @throws ProviderUnavailableException if the document cannot be used */
    static ProviderMetadata read(byte[] document, String issuer) {
        try {
            JsonNode json = JSON.readTree(document);
            // Otherwise, one provider could pass for another.
            if (!issuer.equals(text(json, "issuer"))) {
                throw new ProviderUnavailableException("its discovery document is from another issuer");
            }
            JsonNode methods = json.get("token_endpoint_auth_methods_supported");
            return new ProviderMetadata(address(json, "authorization_endpoint"), address(json, "token_endpoint"),
                    address(json, "jwks_uri"), has(methods, "client_secret_post")
                            && !has(methods, "client_secret_basic"));
        } catch (JacksonException malformed) {
            throw new ProviderUnavailableException("its discovery document is not JSON");
        }
    }

    private static boolean has(@Nullable JsonNode list, String word) {
        return list != null && list.isArray() && list.valueStream()
                .anyMatch(entry -> entry.isString() && entry.stringValue().equals(word));
    }

    private static @Nullable String text(JsonNode json, String member) {
        JsonNode value = json.get(member);
        return value == null || !value.isString() ? null : value.stringValue();
    }

    private static URI address(JsonNode json, String member) {
        try {
            return OidcSettings.address(member, String.valueOf(text(json, member)));
        } catch (IllegalArgumentException unusable) {
            throw new ProviderUnavailableException("its discovery document has no usable " + member);
        }
    }
}
