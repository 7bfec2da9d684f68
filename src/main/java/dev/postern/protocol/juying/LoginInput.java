package dev.postern.protocol.juying;

import dev.postern.credential.PresentedCredential;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The body of a login. Unknown members are ignored. */
record LoginInput(String appKey, PresentedCredential appSecret) {
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    /** @throws LoginException if the body is not an object with both members, or repeats one */
    static LoginInput read(byte[] body) {
        try {
            JsonNode json = JSON.readTree(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
            if (!json.isObject()) {
                throw new LoginException(LoginError.MALFORMED, "the body is not a JSON object");
            }
            return new LoginInput(text(json, "appKey"), new PresentedCredential(text(json, "appSecret")));
        } catch (CharacterCodingException notUtf8) {
            throw new LoginException(LoginError.MALFORMED, "the body is not UTF-8");
        } catch (JacksonException malformed) {
            throw new LoginException(LoginError.MALFORMED, "the body is not JSON, or has a member twice");
        }
    }

    private static String text(JsonNode json, String member) {
        JsonNode value = json.get(member);
        if (value == null || !value.isString() || value.stringValue().isEmpty()) {
            throw new LoginException(LoginError.MALFORMED, member + " is missing, empty, or not a string");
        }
        return value.stringValue();
    }
}
