package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
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
 * How much each account stores, and may store. The sizes are a hash in the account's slot, changed by the scripts that list
 * something and take it off again: a size is noted before its record is written, and given back after the record is gone. What
 * is cut off in between leaves a size that is too large, which the next list of the account puts right.
 */
public final class StoredBytes implements AccountPart {
    /** Goes before scripts that change what an account stores. */
    public static final String LIBRARY = "/dev/postern/account/stored-bytes.lua";
    /** What scripts answer when the account would store too much. */
    static final long FULL = -2;

    /** What scripts answer when an account of an older gate has to be counted first. */
    private static final long NOT_COUNTED = -3;
    private static final long CUT_OFF_MILLIS = 600_000;

    private final RedisStore redis;
    private final Clock clock;
    private final long max;
    private final Function<AccountId, Mono<Void>> count;
    private final Script reserve = script("/dev/postern/account/reserve-bytes.lua");
    private final Script settle = script("/dev/postern/account/settle-bytes.lua");
    private final Script note = script("/dev/postern/account/note-bytes.lua");

    /**
     * Reads files: not for an event loop.
     *
     * @param max   how much an account may store
     * @param count notes the sizes of everything in an account that an older gate made; may be called again
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

    /** Where the sizes of an account stand. */
    public static String key(AccountId account) {
        return "postern:{" + account + "}:stored-bytes";
    }

    /**
     * A script that changes what an account stores, with the functions for the sizes before it.
     *
     * @param script its resource on the class path
     */
    public static Script script(String script) {
        return Script.read(LIBRARY, script);
    }

    public static int size(String record) {
        return ByteBufUtil.utf8Bytes(record);
    }

    /** How much an account may store, for scripts. */
    public String max() {
        return Long.toString(max);
    }

    /**
     * Runs a script that looks for room, and fails where there is none.
     *
     * @param attempt answers with {@link #FULL} when there is no room
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
                        "The account stores " + total + " bytes, and may store " + max
                                + " (postern.accounts.max-stored-bytes).")));
    }

    /** Bytes that were set aside for a credential. */
    public record Reserved(AccountId account, String index, int bytes, String ticket) {}

    /** Sets bytes aside for a credential that is about to be replaced; an error when there is no room. */
    public Mono<Reserved> reserve(AccountId account, String list, String index, int bytes) {
        return Mono.defer(() -> {
            Reserved reserved = new Reserved(account, index, bytes,
                    clock.millis() + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
            return checked(account, reserve.number(redis, new String[]{key(account), list}, index,
                    Integer.toString(bytes), max(), reserved.ticket())).thenReturn(reserved);
        });
    }

    /** After the credential was replaced: what it took before is free. */
    public Mono<Void> settle(Reserved reserved) {
        return settle.number(redis, new String[]{key(reserved.account())}, reserved.index(),
                Integer.toString(reserved.bytes()), reserved.ticket()).then();
    }

    /** The sizes of credentials as they are noted, in their order; empty where one has none, or may be smaller by now. */
    public Mono<List<Optional<Integer>>> noted(AccountId account, List<String> indexes) {
        return redis.run(commands -> commands.hmget(key(account), indexes.toArray(String[]::new)))
                .map(sizes -> sizes.stream()
                        .map(size -> Optional.ofNullable(size.getValueOrElse(null))
                                .filter(text -> text.indexOf(':') < 0)
                                .map(Integer::valueOf))
                        .toList());
    }

    /** Notes the sizes of credentials that have none yet, or whose change was cut off. */
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
