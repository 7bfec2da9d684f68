package dev.postern.catalog;

import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.RequestTarget;
import dev.postern.access.StreamId;
import java.util.ArrayList;
import java.util.List;

/** Finds the ids in the body of one request. */
public final class BodyIds {
    private final List<IdSource> devices;
    private final List<IdSource> streams;
    private final RequestTarget target;

    BodyIds(List<IdSource> devices, List<IdSource> streams, RequestTarget target) {
        this.devices = devices;
        this.streams = streams;
        this.target = target;
    }

    /** For a request whose body holds no ids. */
    public static BodyIds none(RequestTarget target) {
        return new BodyIds(List.of(), List.of(), target);
    }

    /** What reading a body yields. */
    public sealed interface Outcome {
        /** The request with the ids of its body added. */
        record Complete(AccessRequest request) implements Outcome {}

        /** The ids cannot be told for certain. */
        record Unreadable(DenyReason reason, String detail) implements Outcome {}
    }

    /** Never throws: a body in doubt is {@link Outcome.Unreadable}. */
    public Outcome read(AccessRequest request, byte[] body) {
        try {
            BodyText text = new BodyText(body);
            List<DeviceId> deviceIds = new ArrayList<>();
            for (String id : ids(devices, text)) {
                deviceIds.add(new DeviceId(requireId(id)));
            }
            List<StreamId> streamIds = new ArrayList<>();
            for (String id : ids(streams, text)) {
                streamIds.add(new StreamId(requireId(id)));
            }
            return new Outcome.Complete(request.withBody(deviceIds, streamIds));
        } catch (UnreadableBody unreadable) {
            return new Outcome.Unreadable(DenyReason.BODY_UNREADABLE, unreadable.detail());
        }
    }

    private List<String> ids(List<IdSource> sources, BodyText body) throws UnreadableBody {
        List<String> ids = new ArrayList<>();
        for (IdSource source : sources) {
            if (source instanceof IdSource.Body(var format)) {
                ids.addAll(format.ids(body, target));
            }
        }
        return ids;
    }

    private static String requireId(String id) throws UnreadableBody {
        if (!DeviceId.isValid(id)) {
            throw new UnreadableBody("The body names something that is not an id of 1 to 128 characters of "
                    + "A-Z a-z 0-9 . _ : ~ -.");
        }
        return id;
    }
}
