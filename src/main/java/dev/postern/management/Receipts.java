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
 * Calls that change something are answered when the replicas of Redis have the change, or have not said so in time. With
 * {@code ?receipt=true} they wait for all live gates to know of it too, for two seconds at most, and are answered with those that
 * do, those that do not, and how many replicas have it.
 */
@Order(-900)
final class Receipts implements WebFilter {
    static final String MEMBER = "receipt";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gates gates;
    private final Replication replication;

    Receipts(Gates gates, Replication replication) {
        this.gates = gates;
        this.replication = replication;
    }

    /** A call that changes something, and whether a receipt of it is asked for. */
    private record Call(Receipts receipts, boolean wanted) {}

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> values = exchange.getRequest().getQueryParams().getOrDefault(MEMBER, List.of());
        boolean reads = exchange.getRequest().getMethod().equals(HttpMethod.GET);
        if (!values.isEmpty() && (reads || !(values.equals(List.of("true")) || values.equals(List.of("false"))))) {
            return ManagementErrors.write(exchange, Problem.FIELD_INVALID,
                    "receipt is true or false, and goes with calls that change something.");
        }
        Call call = new Call(this, values.equals(List.of("true")));
        return reads
                ? chain.filter(exchange)
                : replication.collecting(chain.filter(exchange).contextWrite(context -> context.put(Call.class, call)));
    }

    /** Waits for the replicas. The receipt of what was changed, as a member of its own; empty when none is asked for. */
    static Mono<ObjectNode> wanted() {
        return Mono.deferContextual(context -> context.<Call>getOrEmpty(Call.class)
                .map(call -> call.wanted()
                        ? call.receipts().receipt()
                        : call.receipts().replication.confirm().then(Mono.<ObjectNode>empty()))
                .orElseGet(Mono::empty));
    }

    /**
     * The same for a reply with a secret that is shown this once: it is given out even if Redis has gone away meanwhile, with a
     * receipt that says so. Doing it again would make another, and end what is in use.
     */
    static Mono<ObjectNode> wantedWithSecret() {
        return wanted().onErrorResume(StoreUnavailableException.class,
                outage -> Mono.just(member(GatesEndpoint.json(String.valueOf(outage.getMessage()), Replicas.UNKNOWN))));
    }

    private Mono<ObjectNode> receipt() {
        // The change is made; that nobody can say which gates know of it does not undo it.
        Mono<Optional<Gates.Receipt>> known = gates.receipt().map(Optional::of)
                .onErrorResume(RuntimeException.class, _ -> Mono.just(Optional.empty()));
        return replication.confirm().zipWith(known, (replicas, receipt) -> member(
                receipt.map(gates -> GatesEndpoint.json(gates, replicas)).orElseGet(
                        () -> GatesEndpoint.json("Redis does not say which gates know of it", replicas))));
    }

    private static ObjectNode member(ObjectNode receipt) {
        ObjectNode json = JSON.createObjectNode();
        json.set(MEMBER, receipt);
        return json;
    }
}
