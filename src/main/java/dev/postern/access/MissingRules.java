package dev.postern.access;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the smallest rules that would permit a request: for its API, its action, its devices and its streams alone. */
public final class MissingRules {
    private MissingRules() {}

    /**
     * What the permissions lack. A request that names no device needs the whole account.
     *
     * @param request complete: the IDs in its body were read
     * @return none if the permissions permit the request
     */
    public static List<Rule> of(Permissions permissions, AccessRequest request) {
        if (request.devices().isEmpty()) {
            return permissions.accountWide(request.api(), request.action())
                    ? List.of()
                    : List.of(rule(request, new DeviceSet.AllOfAccount(), new StreamSet.WholeDevice()));
        }
        Map<StreamSet, Set<DeviceId>> lacking = new LinkedHashMap<>();
        for (DeviceId device : request.devices()) {
            StreamSet missing = missing(permissions.streams(request.api(), device, request.action()),
                    request.streams());
            if (!missing.isEmpty()) {
                lacking.computeIfAbsent(missing, _ -> new LinkedHashSet<>()).add(device);
            }
        }
        return lacking.entrySet().stream()
                .map(entry -> rule(request, new DeviceSet.Only(entry.getValue()), entry.getKey())).toList();
    }

    private static StreamSet missing(StreamSet permitted, Streams wanted) {
        return switch (permitted) {
            case StreamSet.WholeDevice() -> new StreamSet.Only(Set.of());
            case StreamSet.Only(var some) -> switch (wanted) {
                case Streams.WholeDevice() -> new StreamSet.WholeDevice();
                case Streams.InBody _ -> new StreamSet.WholeDevice();
                case Streams.Named(var named) -> {
                    Set<StreamId> missing = new HashSet<>(named);
                    missing.removeAll(some);
                    yield new StreamSet.Only(missing);
                }
            };
        };
    }

    private static Rule rule(AccessRequest request, DeviceSet devices, StreamSet streams) {
        return new Rule(new ApiSet.Only(Set.of(request.api())), Set.of(request.action()), devices, streams);
    }
}
