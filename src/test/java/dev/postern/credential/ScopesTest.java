package dev.postern.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import dev.postern.access.Streams;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scope takes from what rules permit, and never adds to it. */
class ScopesTest {
    private static final List<String> APIS = List.of("devices", "datapoints", "get", "route:r");
    private static final List<String> VALUES = List.of("devices", "datapoints", "devices:get", "datapoints:POST", "get",
            "get:get", "devices:", ":get", "", " ", "*", "all", "route:r", "route:r:delete", "DEVICES",
            "devices:get:get",
            "devices:head");
    private static final DeviceId LAMP = new DeviceId("lamp");
    private static final StreamId TEMP = new StreamId("temp");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void permitWhatTheRulesAndOneScopePermit(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            List<Rule> rules = IntStream.range(0, random.nextInt(4)).mapToObj(_ -> rule(random)).toList();
            List<String> values = IntStream.range(0, random.nextInt(4))
                    .mapToObj(_ -> VALUES.get(random.nextInt(VALUES.size()))).toList();
            Permissions all = Permissions.of(rules);
            Permissions narrowed = Permissions.of(Scopes.of(values).narrow(rules));
            for (AccessRequest request : requests()) {
                assertThat(isAllowed(narrowed, request)).as("%s of %s asked for %s", values, rules, request)
                        .isEqualTo(
                                isAllowed(all, request) && values.stream().anyMatch(value -> permits(value, request)));
            }
        }
    }

    /** What one value says, as it is documented. */
    private static boolean permits(String value, AccessRequest request) {
        String api = request.api().value();
        return value.equals(api)
                || (value.startsWith(api) && value.equalsIgnoreCase(api + ":" + request.action().word()));
    }

    @Test
    void doNotMultiplyTheRules() {
        List<String> values = IntStream.range(0, 50).mapToObj(i -> "api-" + i + (i % 2 == 0 ? ":get" : "")).toList();
        List<Rule> rules = List.of(new Rule(new ApiSet.Every(), EnumSet.allOf(Action.class),
                new DeviceSet.AllOfAccount(), new StreamSet.WholeDevice()));

        assertThat(Scopes.of(values).narrow(rules)).hasSize(2);
    }

    private static List<AccessRequest> requests() {
        List<AccessRequest> requests = new ArrayList<>();
        for (String api : APIS) {
            for (Action action : Action.values()) {
                for (List<DeviceId> devices : List.of(List.<DeviceId>of(), List.of(LAMP))) {
                    for (Streams streams : List.of(new Streams.WholeDevice(), new Streams.Named(List.of(TEMP)))) {
                        requests.add(new AccessRequest(new ApiId(api), action, devices, false, streams));
                    }
                }
            }
        }
        return requests;
    }

    private static Rule rule(Random random) {
        Set<ApiId> apis = Set.copyOf(APIS.stream().filter(_ -> random.nextBoolean()).map(ApiId::new).toList());
        EnumSet<Action> actions = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if (random.nextBoolean()) {
                actions.add(action);
            }
        }
        return new Rule(random.nextInt(3) == 0 ? new ApiSet.Every() : new ApiSet.Only(apis), actions,
                random.nextBoolean() ? new DeviceSet.AllOfAccount() : new DeviceSet.Only(Set.of(LAMP)),
                random.nextBoolean() ? new StreamSet.WholeDevice() : new StreamSet.Only(Set.of(TEMP)));
    }

    private static boolean isAllowed(Permissions permissions, AccessRequest request) {
        return AccessPolicy.decide(new Principal(new AccountId("acme"), new CredentialId("id"), permissions),
                request) instanceof AccessDecision.Allowed;
    }
}
