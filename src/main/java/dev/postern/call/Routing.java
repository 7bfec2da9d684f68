package dev.postern.call;

import dev.postern.catalog.Catalog;

/** Holds the current {@link RoutingTable}, which a reload replaces. Each call asks once, when it is read. */
public final class Routing {
    private volatile RoutingTable current;

    public Routing(RoutingTable first) {
        this.current = first;
    }

    public RoutingTable current() {
        return current;
    }

    /** The current catalogue. */
    public Catalog catalog() {
        return current.catalog();
    }

    /** Calls that are read from now on use this version. */
    public void use(RoutingTable next) {
        current = next;
    }
}
