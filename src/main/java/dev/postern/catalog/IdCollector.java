package dev.postern.catalog;

import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import java.util.ArrayList;
import java.util.List;

/** Collects the ids that a request names outside its body. */
final class IdCollector {
    private final IdForms forms;
    private final List<DeviceId> devices = new ArrayList<>();
    private final List<StreamId> streams = new ArrayList<>();

    IdCollector(IdForms forms) {
        this.forms = forms;
    }

    void takeAll(String kind, String list, String place) throws AmbiguousId {
        for (String id : list.split(",", -1)) {
            take(kind, id, place);
        }
    }

    void take(String kind, String id, String place) throws AmbiguousId {
        // Every path variable must be a valid id, whatever its meaning.
        IdForm form = forms.of(kind);
        if (!form.takes(id)) {
            throw new AmbiguousId(
                    "The " + place + " does not contain " + form.description() + " where one is required.");
        }
        switch (kind) {
            case PathTemplate.DEVICE -> devices.add(new DeviceId(id));
            case PathTemplate.STREAM -> streams.add(new StreamId(id));
            default -> {
            }
        }
    }

    List<DeviceId> devices() {
        return devices;
    }

    List<StreamId> streams() {
        return streams;
    }
}
