package dev.postern.protocol;

import dev.postern.access.AccountId;
import dev.postern.audit.Actor;
import dev.postern.audit.AuditLog;
import dev.postern.audit.Change;
import dev.postern.audit.Outcome;
import dev.postern.audit.Redaction;
import dev.postern.inbound.ClientAddresses;
import dev.postern.telemetry.LimitedLog;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records in the audit log what customers change on the public port: before the change, and when it has ended. If the
 * first entry cannot be written, the change is not made.
 */
public final class CustomerChanges {
    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(CustomerChanges.class));
    private static final int OK = 200;
    private static final int SERVER_ERROR = 500;

    private final AuditLog audit;
    private final ClientAddresses addresses;

    CustomerChanges(AuditLog audit, ClientAddresses addresses) {
        this.audit = audit;
        this.addresses = addresses;
    }

    /** The author of a change, and the account to which the change belongs. */
    public record Customer(AccountId account, Actor actor) {
        /**
         * A change by this customer.
         *
         * @param target  the path, with IDs in place of secrets
         * @param before  the state before the change, without secrets; null if there was none
         * @param request what the customer asks for, without secrets; null if the path says it all
         */
        public Change change(String action, String target, @Nullable ObjectNode before, @Nullable ObjectNode request) {
            return new Change(actor, action, target, Optional.of(account), shortened(before), shortened(request));
        }
    }

    /** The holder of an account's master key. */
    public Customer holder(AccountId account, ServerHttpRequest request) {
        return new Customer(account, new Actor(Actor.Kind.MASTER_KEY, account.value(), source(request)));
    }

    /** @param id the ID of the application */
    public Customer application(AccountId account, String id, ServerHttpRequest request) {
        return new Customer(account, new Actor(Actor.Kind.APPLICATION, id, source(request)));
    }

    private String source(ServerHttpRequest request) {
        InetAddress address = addresses.of(request.getRemoteAddress(), request.getHeaders()::get);
        return address == null ? "unknown" : address.getHostAddress();
    }

    /**
     * Makes a change and records it.
     *
     * @param call   the change; must not be empty
     * @param status the HTTP status of a failure. Below 500, it means that nothing was changed
     * @param after  what the result shows, without secrets
     */
    public <T> Mono<T> record(Change change, Mono<T> call, ToIntFunction<Throwable> status,
            Function<T, @Nullable ObjectNode> after) {
        return audit.begin(change).flatMap(begun -> call
                .onErrorResume(failure -> end(begun, status.applyAsInt(failure), null).then(Mono.error(failure)))
                .flatMap(result -> end(begun, OK, shortened(after.apply(result))).thenReturn(result)));
    }

    private Mono<Void> end(long begun, int status, @Nullable ObjectNode after) {
        Outcome outcome = status == OK ? Outcome.DONE : status < SERVER_ERROR ? Outcome.REFUSED : Outcome.FAILED;
        return audit.end(begun, outcome, status, after)
                // The change is already made; the log shows its outcome as unknown.
                .onErrorResume(failure -> {
                    LOG.warn("The outcome of the change {} could not be added to the audit log: {}", begun,
                            String.valueOf(failure.getMessage()));
                    return Mono.empty();
                });
    }

    private static @Nullable ObjectNode shortened(@Nullable ObjectNode json) {
        return json == null ? null : Redaction.of(json);
    }
}
