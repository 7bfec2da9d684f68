package dev.postern.catalog;

import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.ParameterNames;
import dev.postern.access.RequestTarget;
import dev.postern.access.StreamId;
import dev.postern.access.Streams;
import dev.postern.access.TargetParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One operation of an API, compiled: reads the ids of a request and rebuilds its target from them.
 *
 * @param api     the API it belongs to
 * @param methods the HTTP methods it takes, HEAD with GET
 * @param path    its path
 * @param devices where device ids stand besides the path
 * @param streams where stream ids stand besides the path
 * @param bodyChecked whether a form or JSON body must not repeat ids of the query
 * @param registers where the reply names the device that a call has added; empty when it adds none
 * @param removes   whether a call takes the device of its path away
 * @param watchedNames the parameters of the query on which the decision hangs
 * @param bodyNames    the members of the body in which ids are looked for first
 */
record Operation(ApiId api, Set<String> methods, PathTemplate path, List<IdSource> devices, List<IdSource> streams,
        boolean bodyChecked, Optional<ReplyPath> registers, boolean removes, List<String> watchedNames,
        List<String> bodyNames) {
    private static final DeviceEffect NO_EFFECT = new DeviceEffect.None();

    /** Works out once what every request is compared with. */
    Operation(ApiId api, Set<String> methods, PathTemplate path, List<IdSource> devices, List<IdSource> streams,
            boolean bodyChecked, Optional<ReplyPath> registers, boolean removes) {
        this(api, methods, path, devices, streams, bodyChecked, registers, removes, watchedNames(devices, streams),
                bodyNames(devices, streams));
    }

    /** @param segments path segments that have been matched with this operation's template */
    Reading read(Action action, List<String> segments, RequestTarget target, Function<String, List<String>> headers) {
        try {
            IdCollector collector = new IdCollector();
            String rebuiltPath = readPath(segments, collector);
            DeviceEffect effect = effect(action, collector.devices);
            String query = readQuery(target, collector);
            Map<String, String> idHeaders = readHeaders(headers, collector);
            BodyKind bodyKind = BodyKind.of(headers.apply("Content-Type"));
            AccessRequest request = new AccessRequest(api, action, collector.devices,
                    devices.stream().anyMatch(IdSource.Body.class::isInstance), streams(collector.streams),
                    bodyChecked && action != Action.GET && bodyKind.hasNames() && !watchedNames.isEmpty());
            return new Reading.Read(request, rebuiltPath, query, idHeaders,
                    new BodyIds(devices, streams, target, bodyKind, watchedNames, bodyNames), effect);
        } catch (AmbiguousId ambiguous) {
            return Reading.Refused.because(DenyReason.REQUEST_AMBIGUOUS, ambiguous.detail);
        }
    }

    /** @param ofPath the devices of the path: one at most, and where a call removes one, that */
    private DeviceEffect effect(Action action, List<DeviceId> ofPath) {
        if (action == Action.GET) {
            // Whatever the operation takes besides, looking changes nothing.
            return NO_EFFECT;
        }
        return removes
                ? new DeviceEffect.Removes(ofPath.getFirst())
                : registers.<DeviceEffect>map(DeviceEffect.Registers::new).orElse(NO_EFFECT);
    }

    private Streams streams(List<StreamId> named) {
        return streams.stream().anyMatch(IdSource.Body.class::isInstance)
                ? new Streams.InBody(named)
                : Streams.of(named);
    }

    private String readPath(List<String> actual, IdCollector collector) throws AmbiguousId {
        StringBuilder rebuilt = new StringBuilder();
        for (int i = 0; i < actual.size(); i++) {
            String text = actual.get(i);
            switch (path.segments().get(i)) {
                case PathTemplate.Segment.Literal literal -> {
                }
                case PathTemplate.Segment.Variable(var name) -> collector.take(name, text, "path");
                case PathTemplate.Segment.Numbered(var name) -> {
                    if (!DeviceId.isValid(text)) {
                        throw new AmbiguousId("The last part of the path is not an id.");
                    }
                    collector.take(name, PathTemplate.Segment.Numbered.number(text).orElseThrow(
                            () -> new AmbiguousId("The last part of the path does not start with digits and _.")),
                            "path");
                }
            }
            rebuilt.append('/').append(text);
        }
        return rebuilt.isEmpty() ? "/" : rebuilt.toString();
    }

    private String readQuery(RequestTarget target, IdCollector collector) throws AmbiguousId {
        StringBuilder query = new StringBuilder();
        for (RequestTarget.Parameter parameter : target.parameters()) {
            refuseAlike(watchedNames, parameter.name());
            refuseBodyName(bodyNames, parameter.name());
            String sent = parameter.raw();
            boolean device = names(devices, parameter.name());
            boolean stream = names(streams, parameter.name());
            if (device || stream) {
                String value = listOf(parameter.rawValue(), parameter.name());
                if (device) {
                    collector.takeAll(PathTemplate.DEVICE, value, "parameter " + parameter.name());
                }
                if (stream) {
                    collector.takeAll(PathTemplate.STREAM, value, "parameter " + parameter.name());
                }
                sent = parameter.name() + "=" + value;
            }
            query.append(query.isEmpty() ? "" : "&").append(sent);
        }
        return query.toString();
    }

    private static String listOf(String rawValue, String name) throws AmbiguousId {
        try {
            return TargetParser.decodeAscii(rawValue);
        } catch (IllegalArgumentException notText) {
            throw new AmbiguousId("The parameter " + name + " does not hold ids.");
        }
    }

    private static boolean names(List<IdSource> sources, String parameter) {
        return sources.stream()
                .anyMatch(source -> source instanceof IdSource.Query(var name) && name.equals(parameter));
    }

    private static List<String> watchedNames(List<IdSource> devices, List<IdSource> streams) {
        List<String> names = new ArrayList<>();
        for (IdSource source : both(devices, streams)) {
            switch (source) {
                case IdSource.Query(var name) -> names.add(name);
                case IdSource.Body(var format) -> format.parameter().ifPresent(names::add);
                case IdSource.Header _ -> {
                }
            }
        }
        return List.copyOf(names);
    }

    private static List<String> bodyNames(List<IdSource> devices, List<IdSource> streams) {
        List<String> names = new ArrayList<>();
        for (IdSource source : both(devices, streams)) {
            if (source instanceof IdSource.Body(var format)) {
                names.add(format.member());
            }
        }
        return List.copyOf(names);
    }

    private static List<IdSource> both(List<IdSource> devices, List<IdSource> streams) {
        List<IdSource> sources = new ArrayList<>(devices);
        sources.addAll(streams);
        return sources;
    }

    /** What the body says here, some servers would take from the query as well. */
    private static void refuseBodyName(List<String> bodyNames, String parameter) throws AmbiguousId {
        for (String name : bodyNames) {
            if (ParameterNames.alike(name, parameter)) {
                throw new AmbiguousId("The query repeats the member " + name + " of the body.");
            }
        }
    }

    private static void refuseAlike(List<String> watched, String parameter) throws AmbiguousId {
        if (ParameterNames.overridesMethod(parameter)) {
            throw new AmbiguousId("The query overrides the method.");
        }
        for (String name : watched) {
            if (!name.equals(parameter) && ParameterNames.alike(name, parameter)) {
                throw new AmbiguousId("The parameter " + name + " is spelled in another way.");
            }
        }
    }

    private Map<String, String> readHeaders(Function<String, List<String>> headers, IdCollector collector)
            throws AmbiguousId {
        Map<String, String> rebuilt = new LinkedHashMap<>();
        readHeaders(devices, PathTemplate.DEVICE, headers, collector, rebuilt);
        readHeaders(streams, PathTemplate.STREAM, headers, collector, rebuilt);
        return Map.copyOf(rebuilt);
    }

    private static void readHeaders(List<IdSource> sources, String kind, Function<String, List<String>> headers,
            IdCollector collector, Map<String, String> rebuilt) throws AmbiguousId {
        for (IdSource source : sources) {
            if (source instanceof IdSource.Header(var name)) {
                List<String> ids = new ArrayList<>();
                for (String value : headers.apply(name)) {
                    for (String id : value.split(",", -1)) {
                        collector.take(kind, id.strip(), "header " + name);
                        ids.add(id.strip());
                    }
                }
                if (!ids.isEmpty()) {
                    rebuilt.put(name, String.join(",", ids));
                }
            }
        }
    }

    boolean takes(String method) {
        return methods.contains(method);
    }

    @Override
    public String toString() {
        return String.join(",", methods) + " " + path;
    }

    /** What has been found so far. */
    private static final class IdCollector {
        private final List<DeviceId> devices = new ArrayList<>();
        private final List<StreamId> streams = new ArrayList<>();

        void takeAll(String kind, String list, String place) throws AmbiguousId {
            for (String id : list.split(",", -1)) {
                take(kind, id, place);
            }
        }

        void take(String kind, String id, String place) throws AmbiguousId {
            // Every variable of a path is held to the alphabet of ids, whatever it stands for.
            if (!DeviceId.isValid(id)) {
                throw new AmbiguousId("The " + place + " does not hold an id of 1 to 128 characters of "
                        + "A-Z a-z 0-9 . _ : ~ - where one is needed.");
            }
            switch (kind) {
                case PathTemplate.DEVICE -> devices.add(new DeviceId(id));
                case PathTemplate.STREAM -> streams.add(new StreamId(id));
                default -> {
                }
            }
        }
    }

    /** Control flow within this class; carries no stack. */
    private static final class AmbiguousId extends Exception {
        private static final long serialVersionUID = 1L;

        private final String detail;

        AmbiguousId(String detail) {
            super(detail, null, false, false);
            this.detail = detail;
        }
    }
}
