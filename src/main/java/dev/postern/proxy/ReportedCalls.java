package dev.postern.proxy;

import dev.postern.call.CallReport;
import dev.postern.inbound.AnswerWatch;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/** Follows the calls on the chain to their end, wherever they are answered, for the reports about them. */
final class ReportedCalls {
    private ReportedCalls() {}

    /** @param report null if nobody wants one */
    static void follow(HttpServerRequest request, @Nullable CallReport report) {
        if (report != null) {
            request.withConnection(connection -> AnswerWatch.listen(connection.channel(), report));
        }
    }
}
