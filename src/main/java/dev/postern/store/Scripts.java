package dev.postern.store;

import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import reactor.core.publisher.Mono;

/** Reads and runs Lua scripts, which make atomic changes to one slot. */
public final class Scripts {
    /** To be prepended to scripts that run a command on many arguments. */
    public static final String CHUNKS = "/dev/postern/store/chunks.lua";

    /** To be prepended to scripts that read records, so that they fail if a record has an unknown version. */
    public static final String RECORDS = "/dev/postern/store/records.lua";

    private static final String COMPARE_AND_SET = read("/dev/postern/store/compare-and-set.lua");
    private static final String COMPARE_AND_DELETE = read("/dev/postern/store/compare-and-delete.lua");

    private Scripts() {}

    /** The text of a script on the class path. */
    public static String read(String resource) {
        try (InputStream script = Scripts.class.getResourceAsStream(resource)) {
            if (script == null) {
                throw new IllegalStateException("the script " + resource + " is missing");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * Runs a script that answers with a number.
     *
     * @param keys all in one slot
     */
    public static Mono<Long> run(RedisStore redis, String script, String[] keys, String... arguments) {
        return redis.run(commands -> commands.<Long>eval(script, ScriptOutputType.INTEGER, keys, arguments));
    }

    /**
     * Runs a script that answers with a list.
     *
     * @param keys all in one slot
     */
    public static Mono<List<String>> list(RedisStore redis, String script, String[] keys, String... arguments) {
        return redis.run(commands -> commands.<List<String>>eval(script, ScriptOutputType.MULTI, keys, arguments));
    }

    /** Sets the key if it holds the expected value; false when it does not. */
    public static Mono<Boolean> compareAndSet(RedisStore redis, String key, String expected, String replacement) {
        return run(redis, COMPARE_AND_SET, new String[]{key}, expected, replacement).map(done -> done == 1);
    }

    /** Deletes the key if it holds the expected value. Returns that value; empty if the key was not deleted. */
    public static Mono<String> compareAndDelete(RedisStore redis, String key, String expected) {
        return redis.run(commands -> commands.<String>eval(COMPARE_AND_DELETE, ScriptOutputType.VALUE,
                new String[]{key}, expected));
    }
}
