package dev.postern.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.StreamId;
import dev.postern.access.Streams;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PermissionTest {
    private static final DeviceId LAMP = new DeviceId("lamp-1");
    private static final DeviceId FAN = new DeviceId("fan-1");

    @Test
    void grantsItsActionsOnItsResourcesOnly() {
        List<Permission> permissions = List.of(new Permission(Set.of(Action.GET), List.of(device(LAMP))),
                new Permission(Set.of(Action.PUT), List.of(device(FAN))));

        assertThat(allows(permissions, Action.GET, LAMP)).isTrue();
        assertThat(allows(permissions, Action.PUT, FAN)).isTrue();
        assertThat(allows(permissions, Action.PUT, LAMP)).isFalse();
        assertThat(allows(permissions, Action.GET, FAN)).isFalse();
    }

    @Test
    void grantsNothingWithoutActionsOrResources() {
        List<Permission> halves = List.of(new Permission(Set.of(), List.of(device(LAMP))),
                new Permission(Set.of(Action.GET), List.of()));

        assertThat(allows(halves, Action.GET, LAMP)).isFalse();
        assertThat(allows(halves, Action.GET)).isFalse();
    }

    @Test
    void isLimitedToTheStreamsThatItNames() {
        List<Permission> permissions = List.of(new Permission(Set.of(Action.GET),
                List.of(stream(LAMP, "temp"), stream(LAMP, "hum"), device(FAN))));

        assertThat(allows(permissions, Action.GET, LAMP, "temp", "hum")).isTrue();
        assertThat(allows(permissions, Action.GET, LAMP, "on")).isFalse();
        assertThat(allows(permissions, Action.GET, LAMP)).isFalse();
        assertThat(allows(permissions, Action.GET, FAN)).isTrue();
        assertThat(allows(permissions, Action.GET, FAN, "on")).isTrue();
    }

    @Test
    void coversTheWholeDeviceIfItAlsoNamesIt() {
        List<Permission> permissions = List.of(new Permission(Set.of(Action.GET),
                List.of(stream(LAMP, "temp"), device(LAMP))));

        assertThat(allows(permissions, Action.GET, LAMP)).isTrue();
    }

    private static boolean allows(List<Permission> granted, Action action) {
        return allows(granted, new AccessRequest(new ApiId("devices"), action, List.of(), false,
                new Streams.WholeDevice()));
    }

    private static boolean allows(List<Permission> granted, Action action, DeviceId device, String... streams) {
        return allows(granted, new AccessRequest(new ApiId("devices"), action, List.of(device), false,
                streams.length == 0
                        ? new Streams.WholeDevice()
                        : new Streams.Named(List.of(streams).stream().map(StreamId::new).toList())));
    }

    private static boolean allows(List<Permission> granted, AccessRequest request) {
        Permissions permissions = Permissions
                .of(granted.stream().flatMap(permission -> permission.rules().stream()).toList());
        return AccessPolicy.decide(new Principal(new AccountId("acme"), new CredentialId("key-1"), permissions),
                request) instanceof AccessDecision.Allowed;
    }

    private static Permission.Resource device(DeviceId device) {
        return new Permission.Resource(device, Optional.empty());
    }

    private static Permission.Resource stream(DeviceId device, String stream) {
        return new Permission.Resource(device, Optional.of(new StreamId(stream)));
    }
}
