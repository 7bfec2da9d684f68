package dev.postern.transfer;

import dev.postern.access.AccountId;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/** What a dry run would have created so far, for the checks of later lines. Not thread-safe. */
final class Forecast {
    private final Set<String> created = new HashSet<>();
    private final Map<String, Long> counts = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<AccountId, Long> freeSeats = new HashMap<>();

    void created(Resource resource) {
        created.add(resource.key());
        counts.merge(list(resource.kind(), resource.account()), 1L, Long::sum);
    }

    boolean hasCreated(ResourceKind kind, AccountId account, String id) {
        return created.contains(kind.word() + " " + account + " " + id);
    }

    private static String list(ResourceKind kind, AccountId account) {
        return kind.word() + " " + account;
    }

    /** Fails if the account would have too many. */
    Mono<Void> requireRoom(ResourceKind kind, AccountId account, Mono<Long> present, long max) {
        return present.flatMap(count -> count + counts.getOrDefault(list(kind, account), 0L) < max
                ? Mono.empty()
                : Mono.error(LineFault.of(LineFault.Reason.LIMIT_REACHED,
                        "An account can have at most " + max + " of this kind.")));
    }

    /** Fails if another line of the document has this name, which must be unique. */
    void requireName(String name, String holder) {
        String other = names.putIfAbsent(Normalizer.normalize(name.strip(), Normalizer.Form.NFC), holder);
        if (other != null && !other.equals(holder)) {
            throw LineFault.of(LineFault.Reason.ALREADY_EXISTS,
                    "The name '" + name + "' is taken by the " + other + ", which is also in the document.");
        }
    }

    /** Notes how many seats are free with the license that the account gets. */
    void licensed(AccountId account, long freeSeatsThen) {
        freeSeats.put(account, freeSeatsThen);
    }

    /** Takes a seat. Fails if none would be free. */
    Mono<Void> takeSeat(AccountId account, Mono<Long> free) {
        return (freeSeats.containsKey(account) ? Mono.just(freeSeats.get(account)) : free).flatMap(seats -> {
            if (seats <= 0) {
                return Mono.error(LineFault.of(LineFault.Reason.NO_SEAT, "No seat is free."));
            }
            freeSeats.put(account, seats - 1);
            return Mono.empty();
        });
    }

    void leaveSeat(AccountId account) {
        freeSeats.computeIfPresent(account, (_, seats) -> seats + 1);
    }
}
