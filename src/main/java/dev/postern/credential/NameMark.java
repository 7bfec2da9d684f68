package dev.postern.credential;

import dev.postern.account.RecordJson;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes {@link Credential.Managed#nameMark} in a record. */
final class NameMark {
    static final String MEMBER = "name_mark";

    private NameMark() {}

    static void write(ObjectNode json, Optional<String> nameMark) {
        nameMark.ifPresent(mark -> json.put(MEMBER, mark));
    }

    static Optional<String> read(RecordJson json) {
        return json.optionalString(MEMBER);
    }
}
