package dev.postern.store;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import reactor.core.publisher.Mono;

/** A Lua script that is run often. Its text is sent only to a Redis that does not know it yet. */
public final class Script {
    private final String text;
    private final String digest;

    private Script(String text) {
        this.text = text;
        this.digest = sha1(text);
    }

    /** Reads a script from these class path resources, concatenated. Reads files; never call it on an event loop. */
    public static Script read(String... resources) {
        StringBuilder text = new StringBuilder();
        for (String resource : resources) {
            text.append(Scripts.read(resource));
        }
        return new Script(text.toString());
    }

    /** @param keys all in one slot */
    public Mono<Long> number(RedisStore redis, String[] keys, String... arguments) {
        return run(redis, ScriptOutputType.INTEGER, keys, arguments);
    }

    /** @param keys all in one slot */
    public Mono<String> text(RedisStore redis, String[] keys, String... arguments) {
        return run(redis, ScriptOutputType.VALUE, keys, arguments);
    }

    /** @param keys all in one slot */
    public Mono<List<String>> list(RedisStore redis, String[] keys, String... arguments) {
        return run(redis, ScriptOutputType.MULTI, keys, arguments);
    }

    private <T> Mono<T> run(RedisStore redis, ScriptOutputType output, String[] keys, String... arguments) {
        return redis.run(commands -> commands.<T>evalsha(digest, output, keys, arguments))
                .onErrorResume(RedisNoScriptException.class,
                        _ -> redis.run(commands -> commands.<T>eval(text, output, keys, arguments)));
    }

    /** The SHA-1 of a text in hexadecimal, as Redis computes it. */
    static String sha1(String text) {
        try {
            // Redis identifies scripts by it.
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-1", impossible);
        }
    }
}
