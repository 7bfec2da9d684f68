package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.Optional;

/** A device as an account sees it. */
public sealed interface Device {
    DeviceId id();

    /** What people call it; empty when it has no name. */
    String title();

    /**
     * A device that belongs to the account.
     *
     * @param project the project to which it was added last
     * @param user    the user to whom it was assigned last
     * @param seated  whether it has a seat
     */
    record Direct(DeviceId id, String title, Optional<String> project, Optional<String> user, boolean seated)
            implements
                Device {}

    /** A device that another account shares with this one; it never has a seat here. */
    record Shared(DeviceId id, String title, AccountId owner) implements Device {}
}
