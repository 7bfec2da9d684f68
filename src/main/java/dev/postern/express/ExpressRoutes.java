package dev.postern.express;

import dev.postern.access.ApiId;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.backend.Backend;
import dev.postern.backend.Backends;
import dev.postern.call.Call;
import dev.postern.call.CommonBackend;
import dev.postern.call.Lane.Declined;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which calls ride on the express lane, and to which backend. */
final class ExpressRoutes {
    private final CallsAnsweredHere answeredHere;
    private final boolean cors;
    private final boolean customized;
    private final Map<ApiId, Destination> destinations = new HashMap<>();
    private final Map<ApiId, Declined> declined = new HashMap<>();

    /**
     * A backend.
     *
     * @param host the value of {@code Host}
     */
    record Destination(Backend backend, byte[] host) {}

    /**
     * @param cors        whether the gate answers web pages of other origins
     * @param customized  whether the chain does more to calls than the lane knows
     */
    ExpressRoutes(Catalog catalog, CommonBackend common, Backends backends, CallsAnsweredHere answeredHere,
            boolean cors, boolean customized) {
        this.answeredHere = answeredHere;
        this.cors = cors;
        this.customized = customized;
        for (Catalog.Api api : catalog.apis()) {
            Optional<BackendAddress> address = api.backend().or(common::address);
            if (address.isEmpty()) {
                declined.put(api.id(), Declined.NO_BACKEND);
            } else if (!api.definition().filters().isEmpty()) {
                declined.put(api.id(), Declined.FILTERS);
            } else {
                destinations.put(api.id(), new Destination(backends.at(address.get().uri()),
                        address.get().uri().getRawAuthority().getBytes(StandardCharsets.US_ASCII)));
            }
        }
    }

    /** Why a call cannot ride; null if it can. */
    @Nullable Declined decline(Call call, PlainHead head) {
        if (customized) {
            return Declined.CUSTOMIZED;
        }
        if (!isUsual(head.method())) {
            return Declined.METHOD;
        }
        if (answeredHere.contains(head.target(), call.target())) {
            return Declined.OWN;
        }
        if (!(call.reading() instanceof Reading.Read read)) {
            return Declined.OPERATION;
        }
        if (read.effect() instanceof DeviceEffect.Change) {
            return Declined.EFFECT;
        }
        if (!destinations.containsKey(read.request().api())) {
            return declined.getOrDefault(read.request().api(), Declined.NO_BACKEND);
        }
        if (cors && head.header("Origin") != null) {
            return Declined.CORS;
        }
        return takesBody(head) ? null : Declined.BODY;
    }

    private static boolean isUsual(String method) {
        return switch (method) {
            case "GET", "HEAD", "POST", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** The chain drops the body of a GET. */
    private boolean takesBody(PlainHead head) {
        return switch (head.method()) {
            case "GET", "HEAD" -> !head.hasBody();
            default -> true;
        };
    }

    /** The backend of a call that can ride. */
    Destination of(Reading.Read read) {
        Destination destination = destinations.get(read.request().api());
        if (destination == null) {
            throw new IllegalStateException("an API without a backend is on the express lane");
        }
        return destination;
    }
}
