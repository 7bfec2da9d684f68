package dev.postern.transfer;

import dev.postern.store.SecretKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The member {@code secrets} of a line: keyed hashes and sealed texts, as they are stored. A proof binds them to their
 * kind, account and ID. It is a keyed hash under the pepper, so that nobody but a gate can write one: whoever edits a
 * document cannot add a credential whose secret they know, nor move one into another account.
 */
final class Secrets {
    static final String MEMBER = "secrets";
    private static final String PROOF = "proof";
    private static final String PURPOSE = "export";

    private final SecretKeys keys;

    Secrets(SecretKeys keys) {
        this.keys = keys;
    }

    /** Writes the secrets of a resource into its members, with their proof. */
    void write(ObjectNode members, ResourceKind kind, String account, String id, ObjectNode secrets) {
        secrets.put(PROOF, proof(kind, account, id, secrets));
        members.set(MEMBER, secrets);
    }

    /** Returns the secrets of a line without their proof, which must be right. */
    ObjectNode read(Members members, ResourceKind kind, String account, String id) {
        ObjectNode secrets = members.object(MEMBER).deepCopy();
        JsonNode proof = secrets.remove(PROOF);
        if (proof == null || !proof.isString() || !MessageDigest.isEqual(
                proof.stringValue().getBytes(StandardCharsets.UTF_8),
                proof(kind, account, id, secrets).getBytes(StandardCharsets.UTF_8))) {
            throw new LineFault(LineFault.Reason.OTHER_SECRET_KEYS, Optional.of(MEMBER), "secrets were written with"
                    + " other secret keys than those of this gate, or belong to another resource.");
        }
        return secrets;
    }

    /** The order of the members does not matter: tools that format documents may change it. */
    private String proof(ResourceKind kind, String account, String id, ObjectNode secrets) {
        Map<String, JsonNode> sorted = new TreeMap<>();
        secrets.propertyStream().forEach(member -> sorted.put(member.getKey(), member.getValue()));
        ObjectNode all = JsonMapper.shared().createObjectNode();
        sorted.forEach(all::set);
        return keys.index(PURPOSE, JsonMapper.shared().writeValueAsString(JsonMapper.shared().createArrayNode()
                .add(kind.word()).add(account).add(id).add(all)));
    }
}
