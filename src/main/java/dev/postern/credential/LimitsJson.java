package dev.postern.credential;

import dev.postern.access.Limits;
import dev.postern.access.Network;
import dev.postern.account.RecordJson;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The limits of a credential in its record. Members that do not limit are left out, so that a record without limits has
 * the same text as in versions that had no limits. A gate of such a version refuses a record with limits.
 */
final class LimitsJson {
    static final String EXPIRES = "expires";
    static final String NETWORKS = "networks";

    private LimitsJson() {}

    static void write(ObjectNode json, Limits limits) {
        limits.expires().ifPresent(end -> json.put(EXPIRES, end.toEpochMilli()));
        if (limits.limitsAddresses()) {
            ArrayNode list = json.putArray(NETWORKS);
            limits.networks().forEach(network -> list.add(network.toString()));
        }
    }

    static Limits read(RecordJson json) {
        List<Network> networks = json.optionalStrings(NETWORKS).stream().map(Network::parse).toList();
        Limits limits = new Limits(json.optionalTime(EXPIRES), networks);
        if (json.has(NETWORKS) && networks.isEmpty()) {
            // Nothing writes this. It could mean that no address is permitted.
            throw new IllegalArgumentException(NETWORKS + " is empty");
        }
        return limits.equals(Limits.NONE) ? Limits.NONE : limits;
    }
}
