package dev.postern.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the short form in which the tables of these tests are written. A rule is {@code get,put lamp-1/temp+hum};
 * {@code &} joins rules, {@code *} is the whole account, and {@code none} is no rule. A request has the same form; in a
 * request, {@code -} is no device, {@code ?} stands for IDs that a body, not yet read, may name, and {@code !} at the
 * end says that the body may repeat IDs of the query.
 */
final class PolicyTable {
    private static final String NONE = "none";

    private PolicyTable() {}

    static Permissions permissions(String rules) {
        return Permissions.of(rules.equals(NONE)
                ? List.of()
                : Arrays.stream(rules.split("&", -1)).map(String::strip)
                        .map(PolicyTable::rule).toList());
    }

    static Principal principal(String rules) {
        return new Principal(new AccountId("acme"), new CredentialId("key-1"), permissions(rules));
    }

    private static Rule rule(String text) {
        String[] parts = text.split(" ", -1);
        Set<Action> actions = EnumSet.noneOf(Action.class);
        if (!parts[0].equals("-")) {
            for (String word : parts[0].split(",", -1)) {
                actions.add(Action.named(word).orElseThrow());
            }
        }
        String[] resource = parts[1].split("/", -1);
        return new Rule(new ApiSet.Every(), actions, devices(resource[0]), resource.length == 1
                ? new StreamSet.WholeDevice()
                : new StreamSet.Only(new LinkedHashSet<>(streams(resource[1]))));
    }

    private static DeviceSet devices(String text) {
        return text.equals("*")
                ? new DeviceSet.AllOfAccount()
                : new DeviceSet.Only(new LinkedHashSet<>(Arrays.stream(text.split("\\+", -1)).map(DeviceId::new)
                        .toList()));
    }

    static AccessRequest request(String text) {
        boolean bodyUnchecked = text.endsWith("!");
        String[] parts = (bodyUnchecked ? text.substring(0, text.length() - 1) : text).split(" ", -1);
        String[] resource = parts[1].split("/", -1);
        boolean devicesInBody = resource[0].endsWith("?");
        String named = devicesInBody ? resource[0].substring(0, resource[0].length() - 1) : resource[0];
        List<DeviceId> devices = named.isEmpty() || named.equals("-")
                ? List.of()
                : Arrays.stream(named.split("\\+", -1)).filter(id -> !id.isEmpty()).map(DeviceId::new).toList();
        return new AccessRequest(new ApiId("devices"), Action.named(parts[0]).orElseThrow(), devices, devicesInBody,
                resource.length == 1 ? new Streams.WholeDevice() : requestedStreams(resource[1]), bodyUnchecked);
    }

    private static Streams requestedStreams(String text) {
        if (!text.endsWith("?")) {
            return new Streams.Named(streams(text));
        }
        String besides = text.substring(0, text.length() - 1);
        return new Streams.InBody(besides.isEmpty() ? List.of() : streams(besides));
    }

    private static List<StreamId> streams(String text) {
        return text.equals(NONE) ? List.of() : Arrays.stream(text.split("\\+", -1)).map(StreamId::new).toList();
    }
}
