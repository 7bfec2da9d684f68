package dev.postern.call;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.IpAddresses;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One line of the request log. Made on an event loop, so it only holds what {@link #write} turns into text later.
 *
 * @param millis       when the call ended, in milliseconds since 1970
 * @param api          null if the request matches no API
 * @param operation    the path of the operation in the catalogue; empty if there is none
 * @param devices      the first of them
 * @param deviceCount  how many there are
 * @param account      null if nobody was authenticated
 * @param status       0 if none was sent
 * @param nanos        from the arrival of the request to the end of the call
 * @param backendNanos from forwarding the call to the head of the backend's response; -1 if there is none
 * @param bytes        of the response's body
 * @param client       null if it is unknown
 * @param traceId      null if the client sent none
 */
record RequestLine(long millis, String requestId, String method, @Nullable String api, String operation,
        List<DeviceId> devices, int deviceCount, @Nullable AccountId account, @Nullable CredentialId credential,
        CallReport.Outcome outcome, int status, @Nullable DenyReason reason, Lane lane, long nanos, long backendNanos,
        long bytes, @Nullable InetAddress client, @Nullable String traceId) {
    private static final DateTimeFormatter TIME = DateTimeFormatter
            .ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int LEAST_ERROR = 500;
    private static final double MICROS_PER_MILLI = 1000;

    /** Writes names and values, in their order in the line; leaves out what is not known. */
    void write(BiConsumer<String, Object> to) {
        to.accept("time", TIME.format(Instant.ofEpochMilli(millis)));
        to.accept("request_id", requestId);
        ifKnown(to, "trace_id", traceId);
        to.accept("method", method);
        ifKnown(to, "api", api);
        ifKnown(to, "operation", operation.isEmpty() ? null : operation);
        if (deviceCount > 0) {
            to.accept("devices", devices.stream().map(DeviceId::value).toList());
        }
        if (deviceCount > devices.size()) {
            to.accept("device_count", deviceCount);
        }
        ifKnown(to, "account", account == null ? null : account.value());
        ifKnown(to, "credential", credential == null ? null : credential.value());
        to.accept("outcome", outcome.name().toLowerCase(Locale.ROOT));
        ifKnown(to, "status", status == 0 ? null : status);
        ifKnown(to, "reason", reason == null ? null : reason.word());
        to.accept("lane", lane.word());
        to.accept("duration_ms", millis(nanos));
        ifKnown(to, "backend_ms", backendNanos < 0 ? null : millis(backendNanos));
        to.accept("response_bytes", bytes);
        ifKnown(to, "client_address", client == null ? null : IpAddresses.text(client));
    }

    /** Writes the attributes of the span: what is no personal data and has few values, and the ID of the request. */
    void tag(BiConsumer<String, String> to) {
        to.accept("http.request.method", method);
        tagIfKnown(to, "http.route", operation.isEmpty() ? null : operation);
        tagIfKnown(to, "http.response.status_code", status == 0 ? null : Integer.toString(status));
        tagIfKnown(to, "error.type", reason != null && reason.status() >= LEAST_ERROR ? reason.word() : null);
        tagIfKnown(to, "postern.api", api);
        to.accept("postern.outcome", outcome.name().toLowerCase(Locale.ROOT));
        tagIfKnown(to, "postern.reason", reason == null ? null : reason.word());
        to.accept("postern.lane", lane.word());
        to.accept("postern.request_id", requestId);
        tagIfKnown(to, "postern.account", account == null ? null : account.value());
    }

    private static void tagIfKnown(BiConsumer<String, String> to, String name, @Nullable String value) {
        if (value != null) {
            to.accept(name, value);
        }
    }

    private static void ifKnown(BiConsumer<String, Object> to, String name, @Nullable Object value) {
        if (value != null) {
            to.accept(name, value);
        }
    }

    /** With three decimals. */
    private static double millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos) / MICROS_PER_MILLI;
    }

    /** The line for people, in formats that have a message. */
    String message() {
        return method + " " + (operation.isEmpty() ? "-" : operation) + " " + (status == 0 ? "-" : status);
    }
}
