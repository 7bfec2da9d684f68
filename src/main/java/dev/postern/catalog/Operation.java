package dev.postern.catalog;

import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
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
import java.util.stream.Stream;

/**
 * A compiled operation of an API. Reads the IDs in a request, and rebuilds the path, query and ID headers from what it
 * has read.
 *
 * @param api     the API it belongs to
 * @param methods the HTTP methods it supports; GET includes HEAD
 * @param path    its path
 * @param devices where device IDs are, other than in the path
 * @param streams where stream IDs are, other than in the path
 * @param bodyChecked whether a form or JSON body must not contain the names of query parameters that hold IDs
 * @param registers where the reply contains the ID of the device that a call added; empty when it adds none
 * @param removes   whether a call removes the device in its path
 * @param forms     the canonical forms that device and stream IDs must have
 * @param watched   the names that the decision depends on
 * @param members   the members of a JSON body that contain IDs
 * @param sources   where IDs are, other than in the path and the query
 */
record Operation(ApiId api, Set<String> methods, PathTemplate path, List<IdSource> devices, List<IdSource> streams,
        boolean bodyChecked, Optional<ReplyPath> registers, boolean removes, IdForms forms, WatchedNames watched,
        MemberNames members, Places sources) {
    private static final DeviceEffect NO_EFFECT = new DeviceEffect.None();

    /** Where the operation has IDs, known before any request. */
    record Places(boolean devicesInBody, boolean streamsInBody, boolean inHeaders) {
        static Places of(List<IdSource> devices, List<IdSource> streams) {
            return new Places(devices.stream().anyMatch(IdSource.Body.class::isInstance),
                    streams.stream().anyMatch(IdSource.Body.class::isInstance),
                    Stream.concat(devices.stream(), streams.stream()).anyMatch(IdSource.Header.class::isInstance));
        }
    }

    /** Derives the names to compare requests with, once and not for each request. */
    Operation(ApiId api, Set<String> methods, PathTemplate path, List<IdSource> devices, List<IdSource> streams,
            boolean bodyChecked, Optional<ReplyPath> registers, boolean removes, IdForms forms) {
        this(api, methods, path, devices, streams, bodyChecked, registers, removes, forms,
                WatchedNames.of(devices, streams), members(devices, streams), Places.of(devices, streams));
    }

    /** @param segments path segments that match this operation's template */
    Reading read(Action action, List<String> segments, RequestTarget target, Function<String, List<String>> headers) {
        try {
            IdCollector collector = new IdCollector(forms);
            readPath(segments, collector);
            DeviceEffect effect = effect(action, collector.devices());
            String query = readQuery(target, collector);
            Map<String, String> idHeaders = readHeaders(headers, collector);
            BodyKind bodyKind = BodyKind.of(headers.apply("Content-Type"));
            AccessRequest request = new AccessRequest(api, action, collector.devices(),
                    sources.devicesInBody(), streams(collector.streams()),
                    bodyChecked && action != Action.GET && bodyKind.hasNames() && !watched.parameters().isEmpty());
            return new Reading.Read(request, target.path(), query, idHeaders,
                    new BodyIds(devices, streams, target, bodyKind, watched, members, forms), effect,
                    path.text());
        } catch (AmbiguousId ambiguous) {
            return Reading.Refused.because(DenyReason.REQUEST_AMBIGUOUS, ambiguous.detail());
        }
    }

    /** @param ofPath the devices in the path: at most one, which is the one that a call removes */
    private DeviceEffect effect(Action action, List<DeviceId> ofPath) {
        if (action == Action.GET) {
            // A GET or HEAD changes nothing, whatever other methods the operation supports.
            return NO_EFFECT;
        }
        return removes
                ? new DeviceEffect.Removes(ofPath.getFirst())
                : registers.<DeviceEffect>map(DeviceEffect.Registers::new).orElse(NO_EFFECT);
    }

    private Streams streams(List<StreamId> named) {
        return sources.streamsInBody()
                ? new Streams.InBody(named)
                : Streams.of(named);
    }

    /** Collects the IDs in the path. The backend gets the parsed segments, so there is nothing to rebuild. */
    private void readPath(List<String> actual, IdCollector collector) throws AmbiguousId {
        for (int i = 0; i < actual.size(); i++) {
            String text = actual.get(i);
            switch (path.segments().get(i)) {
                case PathTemplate.Segment.Literal literal -> {
                }
                case PathTemplate.Segment.Variable(var name) -> collector.take(name, text, "path");
                case PathTemplate.Segment.Numbered(var name) -> {
                    if (!DeviceId.isValid(text)) {
                        throw new AmbiguousId("The last part of the path is not an ID.");
                    }
                    collector.take(name, PathTemplate.Segment.Numbered.number(text).orElseThrow(
                            () -> new AmbiguousId(
                                    "The last part of the path must start with digits and an underscore.")),
                            "path");
                }
            }
        }
    }

    private String readQuery(RequestTarget target, IdCollector collector) throws AmbiguousId {
        if (target.parameters().isEmpty()) {
            return "";
        }
        if (target.parameters().size() == 1) {
            return readParameter(target.parameters().getFirst(), collector);
        }
        StringBuilder query = new StringBuilder();
        for (RequestTarget.Parameter parameter : target.parameters()) {
            query.append(query.isEmpty() ? "" : "&").append(readParameter(parameter, collector));
        }
        return query.toString();
    }

    private String readParameter(RequestTarget.Parameter parameter, IdCollector collector) throws AmbiguousId {
        watched.requireClear(parameter.name());
        boolean device = names(devices, parameter.name());
        boolean stream = names(streams, parameter.name());
        if (!device && !stream) {
            return parameter.raw();
        }
        String value = listOf(parameter.rawValue(), parameter.name());
        if (device) {
            collector.takeAll(PathTemplate.DEVICE, value, "parameter " + parameter.name());
        }
        if (stream) {
            collector.takeAll(PathTemplate.STREAM, value, "parameter " + parameter.name());
        }
        return parameter.name() + "=" + value;
    }

    private static String listOf(String rawValue, String name) throws AmbiguousId {
        try {
            return TargetParser.decodeAscii(rawValue);
        } catch (IllegalArgumentException notText) {
            throw new AmbiguousId("The parameter " + name + " does not contain IDs.");
        }
    }

    private static boolean names(List<IdSource> sources, String parameter) {
        for (int i = 0; i < sources.size(); i++) {
            if (sources.get(i) instanceof IdSource.Query(var name) && name.equals(parameter)) {
                return true;
            }
        }
        return false;
    }

    private static MemberNames members(List<IdSource> devices, List<IdSource> streams) {
        List<List<String>> paths = new ArrayList<>();
        for (IdSource source : devices) {
            addPath(source, paths);
        }
        for (IdSource source : streams) {
            addPath(source, paths);
        }
        return MemberNames.of(paths);
    }

    private static void addPath(IdSource source, List<List<String>> paths) {
        if (source instanceof IdSource.Body(var format)) {
            paths.add(format.path());
        }
    }

    private Map<String, String> readHeaders(Function<String, List<String>> headers, IdCollector collector)
            throws AmbiguousId {
        if (!sources.inHeaders()) {
            return Map.of();
        }
        Map<String, String> rebuilt = new LinkedHashMap<>();
        readHeaders(devices, PathTemplate.DEVICE, headers, collector, rebuilt);
        readHeaders(streams, PathTemplate.STREAM, headers, collector, rebuilt);
        return Map.copyOf(rebuilt);
    }

    private static void readHeaders(List<IdSource> sources, String kind, Function<String, List<String>> headers,
            IdCollector collector, Map<String, String> rebuilt) throws AmbiguousId {
        for (IdSource source : sources) {
            if (source instanceof IdSource.Header(var name)) {
                refuseTwin(name, headers);
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

    /**
     * Apart from the ID headers, only headers whose names consist of letters, digits and hyphens reach the backend. So
     * the only possible twin is the name with hyphens in place of underscores, which some backends treat as the same.
     */
    private static void refuseTwin(String name, Function<String, List<String>> headers) throws AmbiguousId {
        String hyphenated = name.replace('_', '-');
        if (!hyphenated.equals(name) && !headers.apply(hyphenated).isEmpty()) {
            throw new AmbiguousId("The request contains another spelling of the header " + name + ".");
        }
    }

    boolean takes(String method) {
        return methods.contains(method);
    }

    @Override
    public String toString() {
        return String.join(",", methods) + " " + path;
    }
}
