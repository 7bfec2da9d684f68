package dev.postern.transfer;

import dev.postern.access.AccountId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resource of an account, in a form that is the same for equal resources.
 *
 * @param id      unique among the account's resources of this kind
 * @param members all members but kind and account
 */
record Resource(ResourceKind kind, AccountId account, String id, ObjectNode members) {
    static final String KIND = "kind";
    static final String ACCOUNT = "account";

    ObjectNode line() {
        ObjectNode line = JsonMapper.shared().createObjectNode().put(KIND, kind.word()).put(ACCOUNT, account.value());
        line.setAll(members);
        return line;
    }

    /** The names of the members in which the resources differ, sorted. */
    List<String> differences(Resource other) {
        TreeSet<String> names = new TreeSet<>(members.propertyNames());
        names.addAll(other.members().propertyNames());
        names.removeIf(name -> members.path(name).equals(other.members().path(name)));
        return new ArrayList<>(names);
    }

    /** Kind, account and ID as a text that no other resource has. */
    String key() {
        return kind.word() + " " + account + " " + id;
    }
}
