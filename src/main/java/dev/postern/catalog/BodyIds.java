package dev.postern.catalog;

import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.RequestTarget;
import dev.postern.access.StreamId;
import java.util.ArrayList;
import java.util.List;

/** Finds the IDs in the body of one request. */
public final class BodyIds {
    private final List<IdSource> devices;
    private final List<IdSource> streams;
    private final RequestTarget target;
    private final BodyKind kind;
    private final WatchedNames watched;
    private final MemberNames members;
    private final IdForms forms;

    BodyIds(List<IdSource> devices, List<IdSource> streams, RequestTarget target, BodyKind kind,
            WatchedNames watched, MemberNames members, IdForms forms) {
        this.devices = devices;
        this.streams = streams;
        this.target = target;
        this.kind = kind;
        this.watched = watched;
        this.members = members;
        this.forms = forms;
    }

    /** For a request whose body contains no IDs. */
    public static BodyIds none(RequestTarget target) {
        return new BodyIds(List.of(), List.of(), target, BodyKind.OPAQUE, WatchedNames.of(List.of(), List.of()),
                MemberNames.of(List.of()), new IdForms(IdForm.ANY, IdForm.ANY));
    }

    /** The result of reading a body. */
    public sealed interface Outcome {
        /** The request with the IDs of its body added. */
        record Complete(AccessRequest request) implements Outcome {}

        /** The IDs cannot be read unambiguously. */
        record Unreadable(DenyReason reason, String detail) implements Outcome {}
    }

    /** Never throws: an ambiguous body is {@link Outcome.Unreadable}. */
    public Outcome read(AccessRequest request, byte[] body) {
        try {
            if (kind == BodyKind.UNCLEAR) {
                throw new UnreadableBody("The body has more than one Content-Type.");
            }
            BodyText text = new BodyText(body);
            if (request.bodyUnchecked() && body.length > 0) {
                refuseRepeatedNames(text);
            }
            if (kind == BodyKind.FORM && !watched.members().isEmpty()) {
                // The gate reads this text as JSON, but because of its type the backend may read it as a form: it must
                // not contain IDs in both forms.
                for (String name : text.formNames()) {
                    watched.requireNoMember(name);
                }
            }
            if (!members.isEmpty()) {
                members.requireExact(text.json());
            }
            List<DeviceId> deviceIds = new ArrayList<>();
            for (String id : ids(devices, text)) {
                deviceIds.add(new DeviceId(requireId(id, forms.devices())));
            }
            List<StreamId> streamIds = new ArrayList<>();
            for (String id : ids(streams, text)) {
                streamIds.add(new StreamId(requireId(id, forms.streams())));
            }
            return new Outcome.Complete(request.withBody(deviceIds, streamIds));
        } catch (UnreadableBody unreadable) {
            return new Outcome.Unreadable(DenyReason.BODY_UNREADABLE, unreadable.detail());
        }
    }

    /** A server that merges body and query parameters would act on IDs that were not part of the decision. */
    private void refuseRepeatedNames(BodyText body) throws UnreadableBody {
        switch (kind) {
            case MULTIPART -> throw new UnreadableBody("A multipart body may repeat IDs of the query. Send it as"
                    + " application/octet-stream.");
            case FORM -> {
                for (String name : body.formNames()) {
                    watched.requireNotRepeated(name);
                }
                if (body.looksLikeJson()) {
                    refuseRepeatedMembers(body);
                }
            }
            case JSON -> refuseRepeatedMembers(body);
            case UNCLEAR, OPAQUE -> {
            }
        }
    }

    private void refuseRepeatedMembers(BodyText body) throws UnreadableBody {
        if (body.json().isObject()) {
            for (String name : body.json().propertyNames()) {
                watched.requireNotRepeated(name);
            }
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

    private static String requireId(String id, IdForm form) throws UnreadableBody {
        if (!form.takes(id)) {
            throw new UnreadableBody("The body does not contain " + form.description() + " where one is required.");
        }
        return id;
    }
}
