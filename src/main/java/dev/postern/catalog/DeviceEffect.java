package dev.postern.catalog;

import dev.postern.access.DeviceId;
import tools.jackson.databind.JsonNode;

/** What a call does to the devices of the account that makes it. */
public sealed interface DeviceEffect {
    /** Nothing. */
    record None() implements DeviceEffect {}

    /** Something, when the backend carries it out. Whether it has is in its reply. */
    sealed interface Change extends DeviceEffect {
        /**
         * What a reply says came of it. Never throws: a reply in doubt is {@link DeviceReply.Unreadable}.
         *
         * @param reply the whole body of a reply with a status of success
         */
        DeviceReply read(byte[] reply);
    }

    /**
     * A device is new, and its id is in the reply.
     *
     * @param id where it stands there
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
     * The device is gone. Any reply of success will do, for it has nothing to name, unless its envelope tells of a failure.
     *
     * @param device as the path has it
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
