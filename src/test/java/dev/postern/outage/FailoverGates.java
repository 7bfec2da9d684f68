package dev.postern.outage;

import dev.postern.support.TestGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Gates with the same secret keys and the same backend, and whatever else one test opens and wants closed. */
final class FailoverGates implements AutoCloseable {
    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final Path folder = folder();
    private final List<AutoCloseable> open = new ArrayList<>();

    private static Path folder() {
        try {
            return Files.createTempDirectory(Path.of("target"), "failover-").toAbsolutePath();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    <T extends AutoCloseable> T opened(T one) {
        open.add(one);
        return one;
    }

    /** @param redis settings that name the Redis */
    TestGate start(String[] redis) {
        return opened(TestGate.start(Stream.concat(Arrays.stream(redis),
                Stream.of("postern.secret-keys.file=" + folder.resolve("secret-keys.json"),
                        "postern.backend=http://127.0.0.1:" + backend.port(), "postern.cache.response-header=true"))
                .toArray(String[]::new)));
    }

    @Override
    public void close() {
        try {
            for (AutoCloseable one : open.reversed()) {
                one.close();
            }
        } catch (Exception failed) {
            throw new IllegalStateException("cannot be closed", failed);
        } finally {
            backend.disposeNow();
        }
    }
}
