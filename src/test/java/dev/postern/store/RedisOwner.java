package dev.postern.store;

import java.nio.file.Path;

/** A gate in a JVM of its own that another can kill: starts a Redis in the folder it is given, and waits. */
final class RedisOwner {
    private RedisOwner() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedRedis redis = EmbeddedRedis.start(Path.of(arguments[0]));
        System.out.println(redis.port() + " " + redis.password() + " "
                + redis.process().orElseThrow().pid());
        // Ends at the latest with whoever started it.
        int end = System.in.read();
        redis.close();
        System.exit(end < 0 ? 0 : 1);
    }
}
