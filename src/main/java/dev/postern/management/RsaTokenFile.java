package dev.postern.management;

import dev.postern.issuance.RsaTokens;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The file of an RSA open token: what its clients need to make their tokens, and how it is done. */
final class RsaTokenFile {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration EXAMPLE_LIFETIME = Duration.ofMinutes(5);

    private RsaTokenFile() {}

    /** @param now the time of the example */
    static ObjectNode json(RsaTokens.TokenFile file, Instant now) {
        ObjectNode json = JSON.createObjectNode().put("name", file.token().name())
                .put("key_id", file.token().keyId()).put("key", file.key().secret())
                .put("public_key", file.publicPem());
        json.set("jwk", JSON.readTree(file.publicJwk()));
        CredentialJson.putApis(json, file.token().apis());
        CredentialJson.putIds(json.putArray("projects"), file.token().projects());
        write(json.putObject("example"), file, now);
        return json;
    }

    private static void write(ObjectNode example, RsaTokens.TokenFile file, Instant now) {
        example.putObject("header").put("alg", "RSA-OAEP-256").put("enc", "A256GCM").put("typ", "JWT").put("kid",
                file.token().keyId());
        example.putObject("payload").put("key", file.key().secret()).put("iat", now.getEpochSecond()).put("exp",
                now.plus(EXAMPLE_LIFETIME).getEpochSecond());
        ArrayNode steps = example.putArray("steps");
        steps.add(
                "Write the payload as JSON: key as it stands here, iat with the present time, and exp with the time at "
                        + "which the token is to end, both in seconds since 1970.");
        steps.add(
                "Add a jti, another text of 1 to 128 characters each time, if the token is to be good for one call only.");
        steps.add("Encrypt the payload with the header and the public key as JWE in compact form, RFC 7516.");
        steps.add(
                "Send the token as 'Authorization: Bearer <token>'. Keep key to yourself: who has it can make tokens.");
    }
}
