package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.issuance.RsaTokens;
import dev.postern.management.contract.Shape;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The token file of an RSA open token. It contains what clients need to make their tokens, and explains how to do it.
 */
final class RsaTokenFile {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration EXAMPLE_LIFETIME = Duration.ofMinutes(5);

    static final Shape SHAPE = Shape.object(required("name", Shapes.NAME, ""), required("key_id", Shape.text(), ""),
            required("key", Shape.text(), "The secret that each token contains."),
            required("public_key", Shape.text(), "The public key in PEM format."),
            required("jwk", Shape.anyObject(), "The same public key as a JWK."),
            required("apis", Shape.list(Shapes.ID), ""), required("projects", Shape.list(Shapes.ID), ""),
            required("example", Shape.object(required("header", Shape.anyObject(), ""),
                    required("payload", Shape.anyObject(), ""), required("steps", Shape.list(Shape.text()), "")), ""));

    private RsaTokenFile() {}

    /** @param now the time to use in the example */
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
                "Write the payload as JSON: key as given here, iat with the current time, and exp with the time at "
                        + "which the token expires, both in seconds since 1970.");
        steps.add(
                "To make the token valid for one call only, add a jti: a unique text of 1 to 128 characters.");
        steps.add("Encrypt the payload with the header and the public key as JWE in compact form, RFC 7516.");
        steps.add(
                "Send the token as 'Authorization: Bearer <token>'. Keep the key secret: "
                        + "anybody who has it can make tokens.");
    }
}
