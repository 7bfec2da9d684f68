package dev.postern.credential;

import dev.postern.account.RecordJson;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stored form of a terminal.
 *
 * @param sealed   its token, sealed
 * @param index    the index of its token
 * @param authcode the index of the authcode that it uses; empty if its application needs none
 * @param issued   when its token was first issued
 * @param expires  when its token expires
 */
public record Terminal(String sealed, String index, String authcode, Instant issued, Instant expires) {
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    public String encode() {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", VERSION).put("sealed", sealed)
                .put("index", index).put("authcode", authcode).put("issued", issued.toEpochMilli())
                .put("expires", expires.toEpochMilli()));
    }

    public static Terminal decode(String key, String text) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(text)).requireOnly("v", "sealed", "index", "authcode",
                    "issued", "expires");
            if (json.number("v") != VERSION) {
                throw new IllegalArgumentException("unknown version");
            }
            return new Terminal(json.string("sealed"), json.string("index"), json.string("authcode"),
                    json.time("issued"), json.time("expires"));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("A terminal in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
