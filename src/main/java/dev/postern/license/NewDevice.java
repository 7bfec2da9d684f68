package dev.postern.license;

import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A device to add.
 *
 * @param title   its display name; empty if it has none
 * @param project the project to put it into
 * @param user    the user to assign it to
 */
public record NewDevice(DeviceId id, String title, Optional<String> project, Optional<String> user) {
    /** A device of which only the ID is known. */
    static NewDevice untitled(DeviceId id) {
        return new NewDevice(id, "", Optional.empty(), Optional.empty());
    }

    /** The project and the user. */
    public List<DeviceGroup> groups() {
        return Stream.concat(project.map(group -> new DeviceGroup(DeviceGroup.Kind.PROJECT, group)).stream(),
                user.map(group -> new DeviceGroup(DeviceGroup.Kind.USER, group)).stream()).toList();
    }
}
