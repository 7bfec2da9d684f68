package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One permission of an API key, as its owner wrote it. It grants nothing if it has no actions or no resources.
 *
 * @param actions   the permitted actions
 * @param resources the resources they are permitted on
 */
public record Permission(Set<Action> actions, List<Resource> resources) {
    public Permission {
        actions = Collections.unmodifiableSet(new LinkedHashSet<>(actions));
        resources = List.copyOf(resources);
    }

    /** A device, or one data stream of it. */
    public record Resource(DeviceId device, Optional<StreamId> stream) {}

    /** The equivalent rules. */
    List<Rule> rules() {
        Set<DeviceId> whole = new HashSet<>();
        Map<DeviceId, Set<StreamId>> limited = new LinkedHashMap<>();
        for (Resource resource : resources) {
            if (resource.stream().isPresent()) {
                limited.computeIfAbsent(resource.device(), _ -> new HashSet<>()).add(resource.stream().get());
            } else {
                whole.add(resource.device());
            }
        }
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(new ApiSet.Every(), actions, new DeviceSet.Only(whole), new StreamSet.WholeDevice()));
        limited.forEach((device, streams) -> rules
                .add(new Rule(new ApiSet.Every(), actions, new DeviceSet.Only(Set.of(device)),
                        new StreamSet.Only(streams))));
        return rules;
    }
}
