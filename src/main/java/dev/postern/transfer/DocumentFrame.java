package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.store.SecretKeys;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The first and the last line of a document. The first says what the document is about. Without the last, the document
 * may be cut off.
 */
final class DocumentFrame {
    private static final String HEADER = "header";
    private static final String END = "end";
    private static final String FORMAT = "format";
    private static final String OUR_FORMAT = "postern";
    private static final String VERSION = "version";
    private static final int OUR_VERSION = 1;
    private static final String EXPORTED = "exported_at";
    private static final String SECRET_KEYS = "secret_keys";
    private static final JsonMapper JSON = JsonMapper.shared();

    private DocumentFrame() {}

    /** @param account the only account of the document; empty for all accounts */
    static ObjectNode header(Optional<AccountId> account, Instant now, SecretKeys secrets) {
        ObjectNode header = JSON.createObjectNode().put(Resource.KIND, HEADER).put(FORMAT, OUR_FORMAT)
                .put(VERSION, OUR_VERSION).put(EXPORTED, now.toString());
        account.ifPresent(id -> header.put(Resource.ACCOUNT, id.value()));
        return header.put(SECRET_KEYS, secrets.fingerprint());
    }

    static ObjectNode end() {
        return JSON.createObjectNode().put(Resource.KIND, END);
    }

    static boolean isHeader(ObjectNode json) {
        return json.path(Resource.KIND).asString("").equals(HEADER);
    }

    /** @throws DocumentFault if it is an end with members that this gate does not know */
    static boolean isEnd(ObjectNode json) {
        boolean end = json.path(Resource.KIND).asString("").equals(END);
        if (end && json.size() > 1) {
            throw new DocumentFault("The end of the document has an unknown member; it is {\"kind\":\"end\"}.");
        }
        return end;
    }

    /**
     * Reads the first line. Returns the only account of the document; empty for all accounts.
     *
     * @throws DocumentFault if it is not a header that this gate knows
     */
    static Optional<AccountId> readHeader(@Nullable ObjectNode json) {
        if (json == null || !isHeader(json) || !json.path(FORMAT).asString("").equals(OUR_FORMAT)) {
            throw new DocumentFault("The first line is not the header of an export:"
                    + " {\"kind\":\"header\",\"format\":\"postern\",\"version\":1}.");
        }
        if (!json.path(VERSION).isInt() || json.path(VERSION).intValue() != OUR_VERSION) {
            throw new DocumentFault("The document has a version that this gate does not know; it knows "
                    + OUR_VERSION + ".");
        }
        ObjectNode rest = json.deepCopy();
        rest.remove(Resource.KIND);
        try {
            return new Members(rest).only(FORMAT, VERSION, EXPORTED, Resource.ACCOUNT, SECRET_KEYS)
                    .optionalId(Resource.ACCOUNT).map(AccountId::new);
        } catch (LineFault fault) {
            throw new DocumentFault("The header is wrong: " + fault.detail());
        }
    }
}
