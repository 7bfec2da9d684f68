package dev.postern.call;

import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.inbound.ClientAddresses;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The headers that the gate itself sends to the backend: who calls, for which devices, and from where. */
public final class GateHeaders {
    public static final String ACCOUNT = "X-Postern-Account";
    public static final String CREDENTIAL = "X-Postern-Credential";
    public static final String DEVICE = "X-Postern-Device";
    public static final String REQUEST_ID = "X-Postern-Request-Id";

    /** The state of a trace is not that of a new one. */
    private static final List<String> NEW_TRACE = List.of(TraceParent.HEADER, TraceParent.STATE);
    /** A longer list of devices is omitted: backends refuse large heads, and the IDs are in the request anyway. */
    private static final int MAX_DEVICES_LENGTH = 2048;

    private final ClientAddresses addresses;

    public GateHeaders(ClientAddresses addresses) {
        this.addresses = addresses;
    }

    /**
     * Writes the headers of an allowed call. This is the lock on the way to a backend: it fails if the call was not
     * allowed.
     *
     * @param scheme of the client's connection
     * @param sink   takes names and values, each name once
     * @throws IllegalStateException if the call was not allowed
     */
    public void write(Call call, String scheme, BiConsumer<String, String> sink) {
        Principal principal = call.requirePrincipal();
        sink.accept(ACCOUNT, principal.account().value());
        sink.accept(CREDENTIAL, principal.credential().value());
        sink.accept(REQUEST_ID, call.requestId());
        String devices = devices(call.requireDecided().devices());
        if (!devices.isEmpty() && devices.length() <= MAX_DEVICES_LENGTH) {
            sink.accept(DEVICE, devices);
        }
        String trace = traceParent(call);
        if (trace != null) {
            sink.accept(TraceParent.HEADER, trace);
        }
        ForwardedHeaders.write(call.head(), addresses.isTrusted(call.peer()), scheme, sink);
    }

    private static @Nullable String traceParent(Call call) {
        CallReport report = call.report();
        CallSpan span = report == null ? null : report.span();
        return span == null ? null : span.traceParent();
    }

    /**
     * The headers of the client, in lower case, that {@link #write} replaces, or that are not true any more: none,
     * unless the gate traces the call.
     */
    public static List<String> replaced(Call call) {
        CallReport report = call.report();
        CallSpan span = report == null ? null : report.span();
        if (span == null || span.recorded() == null) {
            return List.of();
        }
        return span.isRoot() ? NEW_TRACE : List.of(TraceParent.HEADER);
    }

    private static String devices(List<DeviceId> devices) {
        return devices.size() == 1
                ? devices.getFirst().value()
                : devices.stream().map(DeviceId::value).distinct().collect(Collectors.joining(","));
    }
}
