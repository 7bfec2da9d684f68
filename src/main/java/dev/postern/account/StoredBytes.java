package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.search.NameJournal;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.Scripts;
import io.netty.buffer.ByteBufUtil;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/**
 * Tracks how many bytes each account stores, and enforces the limit. The sizes are in a hash in the account's slot,
 * changed by the scripts that add and remove list entries. A size is recorded before its record is written, and
 * subtracted after the record is deleted. A call that is interrupted in between leaves a size that is too large; the
 * next listing of the account corrects it.
 */
public final class StoredBytes implements AccountPart {
    /** Prepended to scripts that change what an account stores. */
    public static final String LIBRARY = "/dev/postern/account/stored-bytes.lua";
    /** Returned by scripts when the account would exceed its limit. */
    static final long FULL = -2;

    /** Returned by scripts when an account from an older gate has no recorded sizes yet and must be counted first. */
    private static final long NOT_COUNTED = -3;
    private static final long CUT_OFF_MILLIS = 600_000;

    private final RedisStore redis;
    private final Clock clock;
    private final long max;
    private final Function<AccountId, Mono<Void>> count;
    private final Script reserve = journaled("/dev/postern/account/reserve-bytes.lua");
    private final Script settle = journaled("/dev/postern/account/settle-bytes.lua");
    private final Script note = script("/dev/postern/account/note-bytes.lua");

    /**
     * Reads files: do not call on an event loop.
     *
     * @param max   the number of bytes an account may store
     * @param count records the sizes of everything in an account that an older gate created; may be called repeatedly
     */
    public StoredBytes(RedisStore redis, Clock clock, DataSize max, Function<AccountId, Mono<Void>> count) {
        this.redis = redis;
        this.clock = clock;
        this.max = max.toBytes();
        this.count = count;
    }

    @Override
    public List<String> keys(AccountId account) {
        return List.of(key(account));
    }

    /** The key of an account's sizes. */
    public static String key(AccountId account) {
        return "postern:{" + account + "}:stored-bytes";
    }

    /**
     * Reads a script that changes what an account stores, and prepends {@link #LIBRARY}.
     *
     * @param script its resource on the class path
     */
    public static Script script(String script) {
        return Script.read(Scripts.RECORDS, LIBRARY, script);
    }

    /** The same for a script that also changes the names of a list, and prepends {@link NameJournal#LIBRARY}. */
    public static Script journaled(String script) {
        return Script.read(Scripts.RECORDS, LIBRARY, NameJournal.LIBRARY, script);
    }

    public static int size(String record) {
        return ByteBufUtil.utf8Bytes(record);
    }

    /** The number of bytes an account may store, as a script argument. */
    public String max() {
        return Long.toString(max);
    }

    /**
     * Runs a script that checks for room, and fails if there is none.
     *
     * @param attempt returns {@link #FULL} if there is no room
     */
    public Mono<Long> checked(AccountId account, Mono<Long> attempt) {
        return attempt.flatMap(outcome -> outcome == NOT_COUNTED
                ? count.apply(account).then(attempt)
                : Mono.just(outcome))
                .flatMap(outcome -> outcome == FULL ? full(account) : Mono.just(outcome));
    }

    private Mono<Long> full(AccountId account) {
        return redis.run(commands -> commands.hget(key(account), "total")).defaultIfEmpty("0")
                .flatMap(total -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.NO_ROOM,
                        "The account stores " + total + " bytes. The limit is " + max
                                + " bytes (postern.accounts.max-stored-bytes).")));
    }

    /** Bytes reserved for a credential. */
    public record Reserved(AccountId account, String list, String index, int bytes, String ticket) {}

    /** Reserves bytes for a credential that is about to be replaced. Fails if there is no room. */
    public Mono<Reserved> reserve(AccountId account, String list, String index, int bytes) {
        return Mono.defer(() -> {
            Reserved reserved = new Reserved(account, list, index, bytes,
                    clock.millis() + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
            return checked(account, reserve.number(redis, new String[]{key(account), list, NameJournal.key(list)},
                    index, Integer.toString(bytes), max(), reserved.ticket())).thenReturn(reserved);
        });
    }

    /** Call after the credential was replaced: frees the bytes of the old record. */
    public Mono<Void> settle(Reserved reserved) {
        return settle.number(redis, new String[]{key(reserved.account()), NameJournal.key(reserved.list())},
                reserved.index(),
                Integer.toString(reserved.bytes()), reserved.ticket()).then();
    }

    /**
     * The recorded sizes of credentials, in the given order; empty where a size is missing or may be smaller by now.
     */
    public Mono<List<Optional<Integer>>> noted(AccountId account, List<String> indexes) {
        return redis.run(commands -> commands.hmget(key(account), indexes.toArray(String[]::new)))
                .map(sizes -> sizes.stream()
                        .map(size -> Optional.ofNullable(size.getValueOrElse(null))
                                .filter(text -> text.indexOf(':') < 0)
                                .map(Integer::valueOf))
                        .toList());
    }

    /** Records the sizes of credentials that have none yet, or whose change was interrupted. */
    public Mono<Void> note(AccountId account, String list, Map<String, Integer> sizes) {
        if (sizes.isEmpty()) {
            return Mono.empty();
        }
        return Mono.defer(() -> {
            List<String> arguments = new ArrayList<>(List.of(Long.toString(clock.millis() - CUT_OFF_MILLIS)));
            sizes.forEach((index, bytes) -> {
                arguments.add(index);
                arguments.add(Integer.toString(bytes));
            });
            return note.number(redis, new String[]{key(account), list},
                    arguments.toArray(String[]::new)).then();
        });
    }
}
