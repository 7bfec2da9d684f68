package dev.postern.oidc;

import static dev.postern.oidc.ProviderCalls.encode;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The two requests of the authorization code flow (RFC 6749, section 4.1), with PKCE (RFC 7636). */
final class CodeExchange {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int OK = 200;
    private static final int SERVER_ERROR = 500;

    private final OidcSettings settings;
    private final ProviderCalls calls;

    CodeExchange(OidcSettings settings, ProviderCalls calls) {
        this.settings = settings;
        this.calls = calls;
    }

    /** The provider did not accept the code, or did not accept the gate as its client. */
    static final class CodeRefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private CodeRefusedException(String error) {
            super("the provider refused the code: " + error, null, false, false);
        }
    }

    /** Where to send a browser. */
    URI authorization(ProviderMetadata metadata, Attempt attempt) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("response_type", "code");
        parameters.put("client_id", settings.client());
        parameters.put("scope", String.join(" ", settings.scopes()));
        parameters.put("redirect_uri", attempt.redirect());
        parameters.put("state", attempt.state());
        parameters.put("nonce", attempt.nonce());
        parameters.put("code_challenge", attempt.challenge());
        parameters.put("code_challenge_method", "S256");
        String endpoint = metadata.authorization().toString();
        return URI.create(endpoint + (endpoint.contains("?") ? "&" : "?") + form(parameters));
    }

    /** The ID token for a code; {@link CodeRefusedException} if the provider refuses. */
    Mono<String> redeem(ProviderMetadata metadata, Attempt attempt, String code) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("grant_type", "authorization_code");
        parameters.put("code", code);
        parameters.put("redirect_uri", attempt.redirect());
        parameters.put("code_verifier", attempt.verifier());
        Optional<String> authorization = metadata.secretInBody()
                ? Optional.empty()
                : settings.secret().map(secret -> basic(settings.client(), secret));
        if (authorization.isEmpty()) {
            parameters.put("client_id", settings.client());
            settings.secret().ifPresent(secret -> parameters.put("client_secret", secret));
        }
        return calls.post(metadata.token(), form(parameters), authorization).map(CodeExchange::idToken);
    }

    private static String idToken(ProviderCalls.Answer answer) {
        if (answer.status() >= SERVER_ERROR) {
            throw new ProviderUnavailableException("its token endpoint has the status " + answer.status());
        }
        String member = answer.status() == OK ? "id_token" : "error";
        String text;
        try {
            JsonNode value = JSON.readTree(answer.body()).get(member);
            text = value != null && value.isString() ? value.stringValue() : "";
        } catch (JacksonException malformed) {
            text = "";
        }
        if (answer.status() != OK) {
            throw new CodeRefusedException(answer.status() + " " + text.replaceAll("[^a-z_]", ""));
        }
        if (text.isEmpty()) {
            throw new ProviderUnavailableException("the answer of its token endpoint has no ID token");
        }
        return text;
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream().map(each -> each.getKey() + "=" + encode(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** Client ID and secret are encoded before they are joined (RFC 6749, section 2.3.1). */
    private static String basic(String client, String secret) {
        return "Basic " + Base64.getEncoder()
                .encodeToString((encode(client) + ":" + encode(secret)).getBytes(StandardCharsets.UTF_8));
    }
}
