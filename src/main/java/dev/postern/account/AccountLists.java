package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.search.NameIndexes;
import dev.postern.search.NameSource;
import dev.postern.search.NamesTooLargeException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What the lists of all accounts share.
 *
 * @param stored limits how much an account stores
 * @param names  finds items by their names
 */
public record AccountLists(StoredBytes stored, NameIndexes names) {
    /**
     * Searches a list and reads one page of what is found.
     *
     * @param read reads those of the items that still exist
     * @param id   the ID of an item
     * @return an error {@link ChangeRefusedException} if there are too many names to search
     */
    public <T> Mono<Page<T>> search(AccountId account, NameSource source, NameIndexes.Search search,
            Function<List<String>, Flux<T>> read, Function<T, String> id) {
        return names.find(account, source, search)
                .onErrorMap(NamesTooLargeException.class, large -> new ChangeRefusedException(
                        ChangeRefusedException.Why.TOO_MANY, String.valueOf(large.getMessage())))
                .flatMap(found -> read.apply(found.ids()).collectMap(id, item -> item).map(items -> {
                    found.ids().stream().filter(one -> !items.containsKey(one))
                            .forEach(gone -> names.remove(account, source, gone));
                    return new Page<>(found.total(),
                            found.ids().stream().map(items::get).filter(Objects::nonNull).toList());
                }));
    }
}
