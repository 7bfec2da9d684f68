package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.Optional;

/** A device as an account sees it. */
public sealed interface Device {
    DeviceId id();

    /** Its display name; empty if it has none. */
    String title();

    /**
     * A device that the account owns.
     *
     * @param project the project it was last put into
     * @param user    the user it was last assigned to
     * @param seated  whether it has a seat
     */
    record Direct(DeviceId id, String title, Optional<String> project, Optional<String> user, boolean seated)
            implements
                Device {}

    /** A device that another account shares with this one. It never has a seat in this account. */
    record Shared(DeviceId id, String title, AccountId owner) implements Device {}
}
