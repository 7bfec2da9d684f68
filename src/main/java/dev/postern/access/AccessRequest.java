package dev.postern.access;

import java.util.ArrayList;
import java.util.List;

/**
 * The question for {@link AccessPolicy}: may the caller perform this action on these devices and streams?
 *
 * @param api           the API that the operation belongs to
 * @param action        the right that the operation needs
 * @param devices       every device that the request names outside its body; none means the account itself
 * @param devicesInBody whether devices may be in a body that has not been read yet; if so, nothing is permitted yet
 * @param streams       the streams that the request names
 * @param bodyUnchecked whether the body, which has not been read, may contain parameters with the same names as IDs in
 *                      the query; some servers would use those instead. If so, only credentials for the whole account
 *                      are permitted yet
 */
public record AccessRequest(ApiId api, Action action, List<DeviceId> devices, boolean devicesInBody, Streams streams,
        boolean bodyUnchecked) {
    public AccessRequest {
        devices = List.copyOf(devices);
    }

    /** A request whose body cannot repeat IDs of the query. */
    public AccessRequest(ApiId api, Action action, List<DeviceId> devices, boolean devicesInBody, Streams streams) {
        this(api, action, devices, devicesInBody, streams, false);
    }

    /** The same request with the IDs from its body added. */
    public AccessRequest withBody(List<DeviceId> bodyDevices, List<StreamId> bodyStreams) {
        List<DeviceId> allDevices = new ArrayList<>(devices);
        allDevices.addAll(bodyDevices);
        Streams allStreams = switch (streams) {
            case Streams.InBody(var besides) -> {
                List<StreamId> named = new ArrayList<>(besides);
                named.addAll(bodyStreams);
                yield Streams.of(named);
            }
            case Streams.Named named -> named;
            case Streams.WholeDevice whole -> whole;
        };
        return new AccessRequest(api, action, allDevices, false, allStreams, false);
    }
}
