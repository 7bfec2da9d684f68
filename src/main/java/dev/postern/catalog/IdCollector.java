package dev.postern.catalog;

import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import java.util.ArrayList;
import java.util.List;

/** Collects the IDs that a request names outside its body. */
final class IdCollector {
    private final IdForms forms;
    private List<DeviceId> devices = List.of();
    private List<StreamId> streams = List.of();

    IdCollector(IdForms forms) {
        this.forms = forms;
    }

    void takeAll(String kind, String list, String place) throws AmbiguousId {
        for (String id : list.split(",", -1)) {
            take(kind, id, place);
        }
    }

    void take(String kind, String id, String place) throws AmbiguousId {
        // Every path variable must be a valid ID, whatever its meaning.
        IdForm form = forms.of(kind);
        if (!form.takes(id)) {
            throw new AmbiguousId(
                    "The " + place + " does not contain " + form.description() + " where one is required.");
        }
        switch (kind) {
            case PathTemplate.DEVICE -> devices = with(devices, new DeviceId(id));
            case PathTemplate.STREAM -> streams = with(streams, new StreamId(id));
            default -> {
            }
        }
    }

    /** Most requests name one device, and no stream. */
    private static <T> List<T> with(List<T> before, T id) {
        if (before.isEmpty()) {
            return List.of(id);
        }
        List<T> all = before.size() == 1 ? new ArrayList<>(before) : before;
        all.add(id);
        return all;
    }

    List<DeviceId> devices() {
        return devices;
    }

    List<StreamId> streams() {
        return streams;
    }
}
