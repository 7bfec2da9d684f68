package dev.postern.store;

import dev.postern.support.Cable;

/** A store on a {@link Cable} of its own to Redis, which can hold up one command. */
public final class Relay implements AutoCloseable {
    private final Cable cable;
    private final TestRedis.Client client;

    Relay(EmbeddedRedis server) {
        cable = new Cable(server.port());
        client = TestRedis.connect(cable.port(), server.password());
    }

    /** A store that reaches Redis on this way. */
    public RedisStore store() {
        return client.store();
    }

    /** Holds up the first command with this text in it. */
    public void hold(String text) {
        cable.hold(text);
    }

    /** Returns when the command is held up. */
    public void awaitHeld() throws InterruptedException {
        if (!cable.awaitHeld(TestRedis.LIMIT)) {
            throw new AssertionError("the command that was to be held up did not come");
        }
    }

    /** Lets it go on. */
    public void release() {
        cable.release();
    }

    @Override
    public void close() {
        cable.release();
        client.close();
        cable.close();
    }
}
