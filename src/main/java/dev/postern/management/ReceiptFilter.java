package dev.postern.management;

import dev.postern.store.Gates;
import dev.postern.store.Replication;
import dev.postern.store.Replication.Replicas;
import dev.postern.store.StoreUnavailableException;
import java.util.List;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Delays the answer to a call that changes something until the replicas of Redis have confirmed the change, or a
 * timeout. With {@code ?receipt=true}, the call also waits for all live gates to apply the change, at most two seconds.
 * The answer then says which gates have and have not applied it, and how many replicas have it.
 */
@Order(-900)
final class ReceiptFilter implements WebFilter {
    static final String MEMBER = "receipt";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gates gates;
    private final Replication replication;

    ReceiptFilter(Gates gates, Replication replication) {
        this.gates = gates;
        this.replication = replication;
    }

    /** A call that changes something, and whether it requested a receipt. */
    private record Call(ReceiptFilter receipts, boolean wanted) {}

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> values = exchange.getRequest().getQueryParams().getOrDefault(MEMBER, List.of());
        boolean reads = exchange.getRequest().getMethod().equals(HttpMethod.GET);
        if (!values.isEmpty() && (reads || !(values.equals(List.of("true")) || values.equals(List.of("false"))))) {
            return ManagementErrors.write(exchange, Problem.FIELD_INVALID,
                    "receipt must be true or false, and is only allowed on calls that change something.");
        }
        Call call = new Call(this, values.equals(List.of("true")));
        return reads
                ? chain.filter(exchange)
                : replication.collecting(chain.filter(exchange).contextWrite(context -> context.put(Call.class, call)));
    }

    /** Waits for the replicas. Returns the receipt for the change; empty if none was requested. */
    static Mono<ObjectNode> wanted() {
        return Mono.deferContextual(context -> context.<Call>getOrEmpty(Call.class)
                .map(call -> call.wanted()
                        ? call.receipts().receipt()
                        : call.receipts().replication.confirm().then(Mono.<ObjectNode>empty()))
                .orElseGet(Mono::empty));
    }

    /**
     * The same for a reply with a secret that cannot be shown again. The reply is sent even if Redis has become
     * unavailable, because otherwise the secret would be lost. Then it has a receipt that says so, requested or not.
     */
    static Mono<ObjectNode> wantedWithSecret() {
        return wanted().onErrorResume(StoreUnavailableException.class,
                outage -> Mono.just(member(GatesEndpoint.json(String.valueOf(outage.getMessage()), Replicas.UNKNOWN))));
    }

    private Mono<ObjectNode> receipt() {
        // The change is made, even if it is unknown which gates have applied it.
        Mono<Optional<Gates.Receipt>> known = gates.receipt().map(Optional::of)
                .onErrorResume(RuntimeException.class, _ -> Mono.just(Optional.empty()));
        return replication.confirm().zipWith(known, (replicas, receipt) -> member(
                receipt.map(gates -> GatesEndpoint.json(gates, replicas)).orElseGet(
                        () -> GatesEndpoint.json("Redis cannot tell which gates have applied the change", replicas))));
    }

    private static ObjectNode member(ObjectNode receipt) {
        ObjectNode json = JSON.createObjectNode();
        json.set(MEMBER, receipt);
        return json;
    }
}
