package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.audit.AuditLog;
import dev.postern.audit.Change;
import dev.postern.audit.Outcome;
import dev.postern.audit.Redaction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records every call that changes something in the audit log: before it is made, with the state before the change, and
 * when it has ended, with the reply. If the first entry cannot be written, the call is not made.
 */
@Order(-800)
final class AuditFilter implements WebFilter {
    private static final Logger LOG = LoggerFactory.getLogger(AuditFilter.class);
    /** The largest body of any call; each call has its own limit below this. */
    private static final int MAX_BODY = 2 * 1024 * 1024;
    /** The segment of a path that is the ID of an account. */
    private static final int ACCOUNT = 3;

    private final AuditLog audit;
    private final InternalCalls internal;

    AuditFilter(AuditLog audit, InternalCalls internal) {
        this.audit = audit;
        this.internal = internal;
    }

    /** What the reply shows, once it is known. */
    private static final class Shown {
        private volatile @Nullable ObjectNode reply;
    }

    /** Notes what the reply to a change shows. */
    static Mono<Void> note(ObjectNode reply) {
        return Mono.deferContextual(context -> {
            context.<Shown>getOrEmpty(Shown.class).ifPresent(shown -> shown.reply = reply);
            return Mono.empty();
        });
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        HttpMethod method = exchange.getRequest().getMethod();
        List<String> segments = Permits.segments(exchange.getRequest().getPath().pathWithinApplication());
        if (!Permits.isChange(method, segments) || isComparison(exchange, segments)) {
            return chain.filter(exchange);
        }
        return isStream(segments)
                ? audited(exchange, chain, change(exchange, segments, null, null), true)
                : JsonBody.bytes(exchange.getRequest().getBody(), MAX_BODY)
                        .flatMap(body -> before(exchange, method)
                                .flatMap(before -> audited(CallBody.putBack(exchange, body), chain,
                                        change(exchange, segments, before.orElse(null), Redaction.ofBody(body)),
                                        false)));
    }

    /**
     * Whether the call reads lines while its reply reports the progress. The whole path is compared: IDs of users,
     * projects and devices may end with the same words, and the audit entries of their changes must show the request.
     */
    private static boolean isStream(List<String> segments) {
        return isImport(segments) || (isOfAccount(segments) && segments.get(4).equals("devices:import"));
    }

    private static boolean isImport(List<String> segments) {
        return segments.size() == 3
                ? segments.get(2).equals("import")
                : isOfAccount(segments) && segments.get(4).equals("import");
    }

    private static boolean isOfAccount(List<String> segments) {
        return segments.size() == 5 && segments.get(2).equals("accounts");
    }

    /** Whether a call imports nothing, but only says what would change. */
    private static boolean isComparison(ServerWebExchange exchange, List<String> segments) {
        return isImport(segments) && ImportEndpoint.isComparison(exchange.getRequest().getQueryParams());
    }

    private Mono<Optional<ObjectNode>> before(ServerWebExchange exchange, HttpMethod method) {
        return method.equals(HttpMethod.POST)
                ? Mono.just(Optional.empty())
                : internal.get(Caller.of(exchange), exchange.getRequest().getPath().pathWithinApplication().value())
                        .map(reply -> reply.json().map(Redaction::of));
    }

    private static Change change(ServerWebExchange exchange, List<String> segments, @Nullable ObjectNode before,
            @Nullable ObjectNode request) {
        return new Change(Caller.of(exchange).actor(), exchange.getRequest().getMethod().name(), target(segments),
                account(segments), before, request);
    }

    /** The path without an authcode, which is a secret. */
    private static String target(List<String> segments) {
        int authcodes = segments.lastIndexOf("authcodes");
        // An account can have this ID, too.
        return "/" + String.join("/", authcodes <= ACCOUNT || authcodes == segments.size() - 1
                ? segments
                : segments.subList(0, authcodes + 1));
    }

    private static Optional<AccountId> account(List<String> segments) {
        return segments.size() > ACCOUNT && segments.get(2).equals("accounts")
                && AccountId.isValid(segments.get(ACCOUNT))
                        ? Optional.of(new AccountId(segments.get(ACCOUNT)))
                        : Optional.empty();
    }

    /** @param untilTheEnd whether the call continues while its reply is written */
    private Mono<Void> audited(ServerWebExchange exchange, WebFilterChain chain, Change change, boolean untilTheEnd) {
        Shown shown = new Shown();
        return audit.begin(change).flatMap(begun -> {
            AtomicBoolean ended = new AtomicBoolean();
            Mono<Void> end = Mono.defer(() -> ended.getAndSet(true) ? Mono.empty() : end(exchange, begun, shown));
            if (!untilTheEnd) {
                exchange.getResponse().beforeCommit(() -> end);
            }
            Mono<Void> call = chain.filter(exchange).contextWrite(context -> context.put(Shown.class, shown));
            return untilTheEnd ? call.then(end) : call;
        });
    }

    private Mono<Void> end(ServerWebExchange exchange, long begun, Shown shown) {
        HttpStatusCode status = Optional.ofNullable(exchange.getResponse().getStatusCode())
                .orElse(HttpStatusCode.valueOf(200));
        ObjectNode reply = shown.reply;
        return audit.end(begun, outcome(status), status.value(), reply == null ? null : Redaction.of(reply))
                // The change is already made; the log shows its outcome as unknown.
                .onErrorResume(failure -> {
                    LOG.warn("The outcome of the change {} could not be added to the audit log: {}", begun,
                            failure.getMessage());
                    return Mono.empty();
                });
    }

    private static Outcome outcome(HttpStatusCode status) {
        return status.is2xxSuccessful()
                ? Outcome.DONE
                : status.is4xxClientError() ? Outcome.REFUSED : Outcome.FAILED;
    }
}
