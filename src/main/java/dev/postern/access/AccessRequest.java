package dev.postern.access;

import java.util.ArrayList;
import java.util.List;

/**
 * The question: may the caller do this, to these?
 *
 * @param api           the API that the operation belongs to
 * @param action        the right that the operation needs
 * @param devices       every device that the request names outside of its body; none means the account as such
 * @param devicesInBody whether devices may stand in a body that has not been read; then nothing is permitted yet
 * @param streams       the streams that the request names
 * @param bodyUnchecked whether the body, which has not been read, may repeat ids of the query under their names, so that some
 *                      servers would take those; then nothing less than the whole account is permitted yet
 */
public record AccessRequest(ApiId api, Action action, List<DeviceId> devices, boolean devicesInBody, Streams streams,
        boolean bodyUnchecked) {
    public AccessRequest {
        devices = List.copyOf(devices);
    }

    /** A request whose body cannot name what it names elsewhere. */
    public AccessRequest(ApiId api, Action action, List<DeviceId> devices, boolean devicesInBody, Streams streams) {
        this(api, action, devices, devicesInBody, streams, false);
    }

    /** The same question with what its body named added to it. */
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
