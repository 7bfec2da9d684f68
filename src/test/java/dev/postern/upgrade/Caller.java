package dev.postern.upgrade;

import dev.postern.support.KeepAlive;
import dev.postern.support.RawHttp.Reply;
import dev.postern.upgrade.Fleet.Gate;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes calls on two connections to each gate: after a call that goes to the chain, the express lane does not see the
 * later calls on its connection.
 */
final class Caller implements AutoCloseable {
    private final Map<Line, KeepAlive> connections = new HashMap<>();
    private final Fleet fleet;

    private record Line(Gate gate, boolean chain) {}

    Caller(Fleet fleet) {
        this.fleet = fleet;
    }

    /** @param chain whether the call has a header that the express lane leaves to the chain */
    Reply call(Gate gate, String method, String target, Held credential, boolean chain) {
        connections.entrySet().removeIf(entry -> {
            Gate other = entry.getKey().gate();
            boolean isOver = !fleet.serving().contains(other) && !other.equals(gate);
            if (isOver) {
                entry.getValue().close();
            }
            return isOver;
        });
        List<String> headers = chain
                ? List.of("Authorization: Bearer " + credential.presented(), "TE: trailers")
                : List.of("Authorization: Bearer " + credential.presented());
        Line line = new Line(gate, chain);
        try {
            return connections.computeIfAbsent(line, to -> new KeepAlive(to.gate().port())).call(method, target,
                    method.equals("PUT") ? "{}" : "", headers);
        } catch (UncheckedIOException broken) {
            KeepAlive connection = connections.remove(line);
            if (connection != null) {
                connection.close();
            }
            throw broken;
        }
    }

    @Override
    public void close() {
        connections.values().forEach(KeepAlive::close);
    }
}
