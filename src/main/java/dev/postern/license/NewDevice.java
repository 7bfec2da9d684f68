package dev.postern.license;

import dev.postern.access.DeviceId;
import java.util.Optional;

/**
 * A device that is to be added.
 *
 * @param title   what people call it; empty when it has no name
 * @param project the project that it is put into
 * @param user    the user whose device it is
 */
public record NewDevice(DeviceId id, String title, Optional<String> project, Optional<String> user) {
    /** Longest title, in characters. */
    public static final int MAX_TITLE = 128;

    /** One of which nothing is known but its id. */
    static NewDevice untitled(DeviceId id) {
        return new NewDevice(id, "", Optional.empty(), Optional.empty());
    }
}
