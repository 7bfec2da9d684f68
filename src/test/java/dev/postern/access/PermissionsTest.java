package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PermissionsTest {
    private static final ApiId API = new ApiId("devices");
    private static final DeviceId LAMP = new DeviceId("lamp-1");
    private static final StreamId TEMP = new StreamId("temp");
    private static final StreamId HUM = new StreamId("hum");

    @Test
    void coverNothingWithoutRules() {
        Permissions none = Permissions.of(List.of());

        assertThat(none.covers(API, LAMP)).isFalse();
        assertThat(none.coversAccount(API)).isFalse();
        assertThat(Action.values()).noneMatch(action -> none.accountWide(API, action));
        assertThat(Action.values()).allMatch(action -> none.streams(API, LAMP, action).isEmpty());
    }

    @Test
    void ofAMasterKeyCoverEverything() {
        Permissions everything = Permissions.everything();

        assertThat(everything.covers(API, LAMP)).isTrue();
        assertThat(everything.coversAccount(API)).isTrue();
        assertThat(Action.values()).allMatch(action -> everything.accountWide(API, action));
        assertThat(Action.values())
                .allMatch(action -> everything.streams(API, LAMP, action).equals(new StreamSet.WholeDevice()));
    }

    @Test
    void coverADeviceNamedWithoutActions() {
        Permissions permissions = PolicyTable.permissions("- lamp-1");

        assertThat(permissions.covers(API, LAMP)).isTrue();
        assertThat(permissions.streams(API, LAMP, Action.GET).isEmpty()).isTrue();
    }

    @Test
    void uniteTheStreamsOfAllRules() {
        Permissions permissions = PolicyTable.permissions("get lamp-1/temp & get */hum");

        assertThat(permissions.streams(API, LAMP, Action.GET)).isEqualTo(new StreamSet.Only(Set.of(TEMP, HUM)));
        assertThat(permissions.streams(API, new DeviceId("lamp-2"), Action.GET))
                .isEqualTo(new StreamSet.Only(Set.of(HUM)));
        assertThat(permissions.streams(API, LAMP, Action.PUT).isEmpty()).isTrue();
    }

    @Test
    void limitedToStreamsAreNotAccountWide() {
        Permissions permissions = PolicyTable.permissions("get */temp");

        assertThat(permissions.coversAccount(API)).isTrue();
        assertThat(permissions.accountWide(API, Action.GET)).isFalse();
    }

    @Test
    void areUnaffectedByLaterChangesOfTheirRules() {
        Set<StreamId> streams = new HashSet<>(Set.of(TEMP));
        Set<DeviceId> devices = new HashSet<>(Set.of(LAMP));
        Permissions permissions = Permissions.of(Arrays.asList(new Rule(new ApiSet.Every(), Set.of(Action.GET),
                new DeviceSet.Only(devices), new StreamSet.Only(streams))));
        streams.add(HUM);
        devices.add(new DeviceId("lamp-2"));

        assertThat(permissions.streams(API, LAMP, Action.GET)).isEqualTo(new StreamSet.Only(Set.of(TEMP)));
        assertThat(permissions.covers(API, new DeviceId("lamp-2"))).isFalse();
    }
}
