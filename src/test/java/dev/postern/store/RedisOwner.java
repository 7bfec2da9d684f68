package dev.postern.store;

import java.nio.file.Path;

/** Stands for a gate in a JVM of its own that a test can kill: starts a Redis in the given folder, and waits. */
final class RedisOwner {
    private RedisOwner() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedRedis redis = EmbeddedRedis.start(Path.of(arguments[0]));
        System.out.println(redis.port() + " " + redis.password() + " "
                + redis.process().orElseThrow().pid());
        // Ends at the latest when the process that started it ends.
        int end = System.in.read();
        redis.close();
        System.exit(end < 0 ? 0 : 1);
    }
}
