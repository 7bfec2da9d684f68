package dev.postern.express;

import dev.postern.access.CallsAnsweredHere;
import dev.postern.call.Call;
import dev.postern.call.Lane.Declined;
import dev.postern.call.RoutingTable;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import org.jspecify.annotations.Nullable;

/** Which calls ride on the express lane, and to which backend. */
final class ExpressRoutes {
    private final CallsAnsweredHere answeredHere;
    private final boolean cors;
    private final boolean customized;

    /**
     * @param cors        whether the gate answers web pages of other origins
     * @param customized  whether the chain does more to calls than the lane knows
     */
    ExpressRoutes(CallsAnsweredHere answeredHere, boolean cors, boolean customized) {
        this.answeredHere = answeredHere;
        this.cors = cors;
        this.customized = customized;
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
        Catalog.Api api = call.routing().catalog().find(read.request().api());
        if (api == null || api.backend().isEmpty()) {
            return Declined.NO_BACKEND;
        }
        if (!api.definition().filters().isEmpty()) {
            return Declined.FILTERS;
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
    static RoutingTable.Destination of(Call call, Reading.Read read) {
        RoutingTable.Destination destination = call.routing().destination(read.request().api());
        if (destination == null) {
            throw new IllegalStateException("an API without a backend is on the express lane");
        }
        return destination;
    }
}
