package dev.postern.search;

import dev.postern.access.AccountId;
import java.util.List;
import reactor.core.publisher.Flux;

/** Reads the names of one list of an account from Redis. */
public interface NameSource {
    /** The Redis key of the account's list, which identifies the list. */
    String list(AccountId account);

    /**
     * All items. Items that are added or removed meanwhile may be included or missing, because the journal has them.
     */
    Flux<Item> all(AccountId account);

    /** Those of these items that exist. */
    Flux<Item> read(AccountId account, List<String> ids);

    /**
     * An item of the list.
     *
     * @param id    unique in the list
     * @param order the position in the list, at least 0; items with the same position are ordered by ID
     * @param mark  a number for the caller's conditions
     * @param name  the name to search
     */
    record Item(String id, long order, long mark, String name) {}
}
