package dev.postern.proxy;

import dev.postern.access.Principal;
import dev.postern.backend.Backend;
import dev.postern.backend.Slot;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * Slots for streams: exchanges that last for minutes or days, and must not use up the slots of calls that take
 * milliseconds.
 */
public final class StreamSlots {
    StreamSlots() {}

    /** The backend with this address, in the version of the configuration that the call was read with. */
    public Backend backend(ServerWebExchange exchange, URI address) {
        return ExchangeCalls.backend(exchange, address);
    }

    /**
     * Takes a slot of the backend for the caller of an allowed exchange. The caller must release it.
     *
     * @param backend from {@link #backend}
     * @return null when all are taken or the account has used up its share
     */
    public @Nullable Slot acquire(ServerWebExchange exchange, Backend backend) {
        Principal caller = ExchangeCalls.require(exchange).requirePrincipal();
        return backend.streams().takeNow(caller.account(), caller.credential());
    }
}
