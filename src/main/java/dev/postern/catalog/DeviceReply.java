package dev.postern.catalog;

import dev.postern.access.DeviceId;

/** What the reply to a call with an effect on devices says. */
public sealed interface DeviceReply {
    /** The account has this device now. */
    record Registered(DeviceId device) implements DeviceReply {}

    /** The account has this device no more. */
    record Removed(DeviceId device) implements DeviceReply {}

    /** Nothing came of the call. */
    record Unsuccessful() implements DeviceReply {}

    /**
     * It cannot be told for certain.
     *
     * @param detail why; quotes nothing of the reply
     */
    record Unreadable(String detail) implements DeviceReply {}
}
