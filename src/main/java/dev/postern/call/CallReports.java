package dev.postern.call;

import dev.postern.access.DenyReason;
import dev.postern.inbound.AnswerWatch;
import org.jspecify.annotations.Nullable;

/** Makes a report for each call, if somebody wants them, and passes it on when the call has ended. */
public final class CallReports implements AnswerWatch.Demand {
    private final RequestLog log;
    private final @Nullable CallSpans spans;
    private final boolean wanted;

    /**
     * @param wanted whether anybody wants reports
     * @param spans  null if calls are not traced
     */
    CallReports(boolean wanted, RequestLog log, @Nullable CallSpans spans) {
        this.log = log;
        this.spans = spans;
        this.wanted = wanted;
    }

    @Override
    public boolean isThere() {
        return wanted;
    }

    void begin(Call call) {
        if (wanted) {
            call.reportTo(new CallReport(this, call));
        }
    }

    /** The report of a request that is refused before it is read as a call; null if nobody wants it. */
    public @Nullable CallReport ofRefused(String requestId, Head head, DenyReason reason) {
        if (!wanted) {
            return null;
        }
        CallReport report = new CallReport(this, head, requestId, null);
        report.stopped(reason);
        return report;
    }

    /** Makes the spans; null if calls are not traced. */
    @Nullable CallSpans spans() {
        return spans;
    }

    void ended(CallReport report) {
        log.ended(report);
    }
}
