package dev.postern.management;

import dev.postern.access.Limits;
import dev.postern.access.Network;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The members {@code expires_at} and {@code allowed_networks}, which every credential of an account has. */
final class LimitsInput {
    private static final String EXPIRES = "expires_at";
    private static final String NETWORKS = "allowed_networks";
    static final List<String> MEMBERS = List.of(EXPIRES, NETWORKS);

    private LimitsInput() {}

    /** The limits of a new credential. */
    static Limits create(JsonInput input) {
        return replace(input).apply(Limits.NONE);
    }

    /**
     * Reads how to change the limits of a credential. A member that is left out stays as it is, so that a client that
     * does not know of limits cannot lift them; null or an empty list lifts a limit.
     */
    static UnaryOperator<Limits> replace(JsonInput input) {
        Optional<Optional<Instant>> expires = input.has(EXPIRES)
                ? Optional.of(input.isNull(EXPIRES) ? Optional.empty() : expires(input))
                : Optional.empty();
        Optional<List<Network>> networks = input.has(NETWORKS)
                ? Optional.of(input.isNull(NETWORKS) ? List.of() : networks(input.required(NETWORKS)))
                : Optional.empty();
        return present -> new Limits(expires.orElse(present.expires()), networks.orElse(present.networks()));
    }

    private static Optional<Instant> expires(JsonInput input) {
        return input.optionalInstant(EXPIRES).map(instant -> instant.truncatedTo(ChronoUnit.MILLIS));
    }

    private static List<Network> networks(JsonNode json) {
        if (!json.isArray()) {
            throw JsonInput.invalid(NETWORKS + " is not a list");
        }
        if (json.size() > Limits.MAX_NETWORKS) {
            throw JsonInput.invalid(NETWORKS + " has " + json.size() + " entries; the maximum is "
                    + Limits.MAX_NETWORKS);
        }
        List<Network> networks = new ArrayList<>();
        for (JsonNode entry : json) {
            String where = NETWORKS + "[" + networks.size() + "] ";
            if (!entry.isString()) {
                throw JsonInput.invalid(where + "is not a string");
            }
            try {
                networks.add(Network.parse(entry.stringValue()));
            } catch (IllegalArgumentException notANetwork) {
                throw JsonInput.invalid(where + notANetwork.getMessage());
            }
        }
        return networks;
    }

    static void write(ObjectNode json, Limits limits) {
        limits.expires().ifPresentOrElse(end -> json.put(EXPIRES, end.toString()), () -> json.putNull(EXPIRES));
        ArrayNode list = json.putArray(NETWORKS);
        limits.networks().forEach(network -> list.add(network.toString()));
    }
}
