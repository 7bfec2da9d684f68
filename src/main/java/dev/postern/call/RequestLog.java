package dev.postern.call;

import dev.postern.access.ApiId;
import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.inbound.ClientAddresses;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the calls that are logged, and makes their lines. A line says who called what, and how the call ended; it has
 * no query, no header and no body, because these may hold secrets.
 */
final class RequestLog {
    /** A client may send any other word, so the log does not quote it. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final String OTHER_METHOD = "other";
    private static final int MAX_DEVICES = 10;
    private static final int HEX = 16;
    private static final int BITS_OF_A_FRACTION = 53;

    private final RequestLogSettings settings;
    private final ClientAddresses addresses;
    private final Clock clock;
    private final RequestLogWriter writer;

    RequestLog(RequestLogSettings settings, ClientAddresses addresses, Clock clock, RequestLogWriter writer) {
        this.settings = settings;
        this.addresses = addresses;
        this.clock = clock;
        this.writer = writer;
    }

    void ended(CallReport report) {
        boolean logged = switch (settings.mode()) {
            case OFF -> false;
            case DENIALS -> report.reason() != null;
            case SAMPLED -> report.reason() != null || isSampled(report.requestId(), settings.sampleRate());
            case ALL -> true;
        };
        CallSpan span = report.span();
        boolean traced = span != null && span.recorded() != null;
        if (logged || traced) {
            writer.write(new FinishedCall(line(report, span), logged, span));
        }
    }

    /** Depends on nothing but the ID, so that everything that is logged about a call could be sampled alike. */
    static boolean isSampled(String requestId, double rate) {
        long fraction = Long.parseUnsignedLong(requestId, HEX) >>> (Long.SIZE - BITS_OF_A_FRACTION);
        return fraction < rate * (1L << BITS_OF_A_FRACTION);
    }

    private RequestLine line(CallReport report, @Nullable CallSpan span) {
        Head head = report.head();
        Principal caller = report.caller();
        ApiId api = report.api();
        List<DeviceId> devices = report.devices();
        return new RequestLine(clock.millis(), report.requestId(), method(head.method()),
                api == null ? null : api.value(), report.operation(),
                devices.size() > MAX_DEVICES ? devices.subList(0, MAX_DEVICES) : devices, devices.size(),
                caller == null ? null : caller.account(), caller == null ? null : caller.credential(),
                report.outcome(), report.status(), report.reason(), report.lane(), report.nanos(),
                report.backendNanos(), report.bytes(), addresses.of(head.peer(), head::header),
                traceId(head, span));
    }

    private static @Nullable String traceId(Head head, @Nullable CallSpan span) {
        if (span != null && span.recorded() != null) {
            return span.recorded().context().traceId();
        }
        TraceParent client = TraceParent.of(head);
        return client == null ? null : client.traceId();
    }

    private static String method(@Nullable String sent) {
        return sent != null && METHODS.contains(sent) ? sent : OTHER_METHOD;
    }
}
