package dev.postern.catalog;

import dev.postern.access.DeviceId;

/** The outcome of a call with an effect on devices, as its reply reports it. */
public sealed interface DeviceReply {
    /** The device was added to the account. */
    record Registered(DeviceId device) implements DeviceReply {}

    /** The device was removed from the account. */
    record Removed(DeviceId device) implements DeviceReply {}

    /** The call failed. */
    record Unsuccessful() implements DeviceReply {}

    /**
     * The reply is unreadable or ambiguous.
     *
     * @param detail why; never quotes the reply
     */
    record Unreadable(String detail) implements DeviceReply {}
}
