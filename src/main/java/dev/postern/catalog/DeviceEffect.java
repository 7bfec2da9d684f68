package dev.postern.catalog;

import dev.postern.access.DeviceId;
import tools.jackson.databind.JsonNode;

/** The effect of a call on the devices of the account that makes it. */
public sealed interface DeviceEffect {
    /** Nothing. */
    record None() implements DeviceEffect {}

    /** A change, if the backend carries out the call. Its reply tells whether it did. */
    sealed interface Change extends DeviceEffect {
        /**
         * Reads the outcome from the reply. Never throws: an ambiguous reply is {@link DeviceReply.Unreadable}.
         *
         * @param reply the whole body of a reply with a 2xx status
         */
        DeviceReply read(byte[] reply);
    }

    /**
     * The call adds a device, and the reply contains its ID.
     *
     * @param id where in the reply the ID is
     */
    record Registers(ReplyPath id) implements Change {
        @Override
        public DeviceReply read(byte[] reply) {
            try {
                ReplyBody body = new ReplyBody(reply);
                JsonNode object = body.object();
                return ReplyBody.tellsSuccess(object)
                        ? new DeviceReply.Registered(id.device(object))
                        : new DeviceReply.Unsuccessful();
            } catch (UnreadableBody unreadable) {
                return new DeviceReply.Unreadable(unreadable.detail());
            }
        }
    }

    /**
     * The call removes the device. The reply need not contain an ID: any successful reply confirms the removal, unless
     * its envelope reports a failure.
     *
     * @param device the device in the path
     */
    record Removes(DeviceId device) implements Change {
        @Override
        public DeviceReply read(byte[] reply) {
            try {
                ReplyBody body = new ReplyBody(reply);
                return !body.beginsAsObject() || ReplyBody.tellsSuccess(body.object())
                        ? new DeviceReply.Removed(device)
                        : new DeviceReply.Unsuccessful();
            } catch (UnreadableBody unreadable) {
                return new DeviceReply.Unreadable(unreadable.detail());
            }
        }
    }
}
