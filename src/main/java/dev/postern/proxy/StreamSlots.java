package dev.postern.proxy;

import dev.postern.access.Principal;
import dev.postern.backend.Backends;
import dev.postern.backend.Slot;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * Slots for streams: exchanges that last for minutes or days, and must not use up the slots of calls that take
 * milliseconds.
 */
public final class StreamSlots {
    private final Backends backends;

    StreamSlots(Backends backends) {
        this.backends = backends;
    }

    /**
     * Takes a slot of the backend for the caller of an allowed exchange. The caller must release it.
     *
     * @return null when all are taken or the account has used up its share
     */
    public @Nullable Slot acquire(ServerWebExchange exchange, URI backend) {
        Principal caller = ExchangeCalls.require(exchange).requirePrincipal();
        return backends.at(backend).streams().takeNow(caller.account(), caller.credential());
    }
}
