package dev.postern.call;

import dev.postern.access.AccessRequest;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.catalog.Reading;
import dev.postern.inbound.AnswerWatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is reported about one call when it ends. The front door and both lanes add what happens; whoever writes the
 * response says when it has ended. That is reported once, whatever follows. To be used on the event loop of the
 * client's connection only.
 */
public final class CallReport implements AnswerWatch.Listener {
    private final CallReports reports;
    private final Head head;
    private final String requestId;
    private final @Nullable Call call;
    private final long began = System.nanoTime();
    private Lane lane = Lane.CHAIN;
    private @Nullable AccessRequest refused;
    private @Nullable DenyReason reason;
    private boolean revoked;
    private int status;
    private long bytes;
    private long backendNanos = -1;
    private long nanos;
    private boolean whole;
    private boolean over;
    private @Nullable CallSpan span;

    /** How a call ended. */
    public enum Outcome {
        /** The client got the response of the backend. */
        ALLOWED,
        /** The gate refused the call. */
        DENIED,
        /** The call was allowed, but the backend gave no complete response. */
        FAILED,
        /** The client was gone before the response was complete. */
        ABORTED,
        /** The stream was closed because its call would not be allowed any more. */
        REVOKED
    }

    CallReport(CallReports reports, Call call) {
        this(reports, call.head(), call.requestId(), call);
    }

    /** @param call null for a request that was refused before it was read as a call */
    CallReport(CallReports reports, Head head, String requestId, @Nullable Call call) {
        this.reports = reports;
        this.head = head;
        this.requestId = requestId;
        this.call = call;
    }

    /** Notes which lane the call takes; the chain unless something else is noted. */
    public void takes(Lane taken) {
        lane = taken;
    }

    /** Notes why the gate answers the call itself, or why there is no complete response. */
    public void stopped(DenyReason why) {
        reason = why;
    }

    void refused(AccessRequest request, DenyReason why) {
        refused = request;
        stopped(why);
    }

    /** Notes why an open stream is closed. */
    public void revoked(DenyReason why) {
        revoked = true;
        stopped(why);
    }

    void backendAnswered(long afterNanos) {
        backendNanos = afterNanos;
    }

    @Override
    public void answers(int sent) {
        status = sent;
    }

    @Override
    public void sends(int more) {
        bytes += more;
    }

    @Override
    public void ended(boolean complete) {
        if (!over) {
            over = true;
            whole = complete;
            nanos = System.nanoTime() - began;
            reports.ended(this);
        }
    }

    Outcome outcome() {
        if (reason == null) {
            return whole ? Outcome.ALLOWED : Outcome.ABORTED;
        }
        if (revoked) {
            return Outcome.REVOKED;
        }
        return call == null || call.principal() == null ? Outcome.DENIED : Outcome.FAILED;
    }

    /** The span of the call, which begins with the arrival of the call; null if the call is not traced. */
    @Nullable CallSpan span() {
        CallSpans spans = reports.spans();
        if (span == null && spans != null) {
            span = spans.begin(head, System.nanoTime() - began);
        }
        return span;
    }

    Head head() {
        return head;
    }

    String requestId() {
        return requestId;
    }

    Lane lane() {
        return lane;
    }

    /** The true reason, which the client may not have learned. */
    @Nullable DenyReason reason() {
        return reason;
    }

    /** The status that was sent; 0 if none was. */
    int status() {
        return status;
    }

    /** Bytes of the response's body, without framing. */
    long bytes() {
        return bytes;
    }

    /** From forwarding the call to the head of the backend's response; -1 if there is none. */
    long backendNanos() {
        return backendNanos;
    }

    /** From the arrival of the head to the end of the call. */
    long nanos() {
        return nanos;
    }

    /** Who calls; null if nobody was authenticated. */
    @Nullable Principal caller() {
        return call == null ? null : call.authenticated();
    }

    @Nullable ApiId api() {
        AccessRequest request = request();
        return request == null ? null : request.api();
    }

    /** The path of the operation in the catalogue; empty if there is none. */
    String operation() {
        return call != null && call.reading() instanceof Reading.Read read ? read.template() : "";
    }

    /** The devices that an authenticated caller has named. From others this text could be anything, even a secret. */
    List<DeviceId> devices() {
        AccessRequest request = request();
        return request == null || caller() == null ? List.of() : request.devices();
    }

    private @Nullable AccessRequest request() {
        if (call == null) {
            return null;
        }
        if (call.principal() != null) {
            return call.requireDecided();
        }
        return refused == null && call.reading() instanceof Reading.Read read ? read.request() : refused;
    }
}
