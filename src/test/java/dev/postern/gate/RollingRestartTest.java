package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two gates behind nginx are restarted in turn, again and again, under load, and no call fails. As an ingress controller
 * does, the test watches the readiness of the gates and gives nginx a new list of servers when it changes.
 */
@LongTest
@OwnsItsGate
class RollingRestartTest {
    private static final int RESTARTS = 10;
    private static final int CLIENTS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final List<String> NGINX = List.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx");

    @TempDir
    Path folder = Path.of("");

    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicInteger reloads = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static String nginx() {
        Optional<String> found = NGINX.stream().filter(path -> Files.isExecutable(Path.of(path))).findFirst();
        assumeTrue("true".equals(System.getenv("CI")) || found.isPresent(), "skipped, as this machine has no nginx");
        return found.orElseThrow(() -> new AssertionError("nginx is missing"));
    }

    private void configure(int port, List<Integer> gates) throws IOException {
        StringBuilder servers = new StringBuilder();
        gates.forEach(gate -> servers.append("server 127.0.0.1:").append(gate).append("; "));
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/error.log;
                events { worker_connections 256; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  upstream gates { %2$s keepalive 8; }
                  server {
                    listen 127.0.0.1:%3$d;
                    location / { proxy_pass http://gates; proxy_http_version 1.1; proxy_set_header Connection ""; }
                  }
                }
                """.formatted(folder, servers, port));
    }

    /** Watches the readiness of the gates. */
    private void control(Process nginx, int port, List<Integer> gates, Map<Integer, Integer> managementPorts) {
        List<Integer> present = gates;
        while (!over.get()) {
            List<Integer> ready = gates.stream().filter(gate -> isReady(managementPorts.get(gate))).toList();
            if (!ready.isEmpty() && !ready.equals(present)) {
                try {
                    configure(port, ready);
                    new ProcessBuilder("kill", "-HUP", String.valueOf(nginx.pid())).start().waitFor();
                } catch (IOException | InterruptedException stopped) {
                    failed.add("the controller stopped: " + stopped);
                    return;
                }
                present = ready;
                reloads.incrementAndGet();
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static boolean isReady(@Nullable Integer managementPort) {
        try {
            return managementPort != null
                    && RawHttp.call(managementPort, "GET", "/actuator/health/readiness", "").status() == 200;
        } catch (UncheckedIOException closed) {
            return false;
        }
    }

    private static TestGate gate(TestRedisServer redis, RecordingBackend backend, int port) {
        return TestGate.start(redis.properties("server.port=" + port, "postern.backend=" + backend.address(),
                "postern.drain.pause=2s", "postern.data-dir=" + redis.directory().resolve("gates")));
    }

    private void call(int port, String key) {
        for (int i = 0; !over.get(); i++) {
            boolean get = i % 2 == 0;
            String what = get ? "GET" : "POST";
            try {
                Reply reply = RawHttp.call(port, what, get ? "/devices/lamp" : "/devices/lamp/datapoints",
                        get ? "" : "{\"datastreams\":[{\"id\":\"t\",\"datapoints\":[{\"value\":1}]}]}",
                        "api-key: " + key);
                if (reply.status() != 200) {
                    failed.add(what + ": " + reply.status() + " " + reply.text());
                }
            } catch (UncheckedIOException broken) {
                failed.add(what + ": " + broken);
            }
            answered.incrementAndGet();
        }
    }

    @Test
    void losesNoCall() throws Exception {
        String program = nginx();
        int port = freePort();
        List<Integer> ports = List.of(freePort(), freePort());
        Map<Integer, Integer> managementPorts = new ConcurrentHashMap<>();
        try (TestRedisServer redis = new TestRedisServer(); RecordingBackend backend = new RecordingBackend()) {
            Map<Integer, TestGate> gates = new HashMap<>();
            for (int gate : ports) {
                gates.put(gate, gate(redis, backend, gate));
                managementPorts.put(gate, gates.get(gate).managementPort());
            }
            String key = gates.get(ports.getFirst()).newCustomer().masterKey();
            configure(port, ports);
            Process nginx = new ProcessBuilder(program, "-e", folder.resolve("start.log").toString(), "-c",
                    folder.resolve("nginx.conf").toString()).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out").toFile()).start();
            try {
                await().atMost(LIMIT).ignoreException(UncheckedIOException.class)
                        .until(() -> RawHttp.call(port, "GET", "/devices/lamp", "", "api-key: " + key).status() == 200);
                List<Thread> threads = new ArrayList<>();
                threads.add(Thread.ofPlatform().daemon().name("rolling-controller")
                        .start(() -> control(nginx, port, ports, managementPorts)));
                for (int i = 0; i < CLIENTS; i++) {
                    threads.add(Thread.ofPlatform().daemon().name("rolling-client").start(() -> call(port, key)));
                }
                for (int i = 0; i < RESTARTS; i++) {
                    int gate = ports.get(i % 2);
                    int before = reloads.get();
                    gates.get(gate).close();
                    gates.put(gate, gate(redis, backend, gate));
                    managementPorts.put(gate, gates.get(gate).managementPort());
                    await().atMost(LIMIT).until(() -> reloads.get() >= before + 2);
                }
                over.set(true);
                for (Thread thread : threads) {
                    thread.join(LIMIT);
                }
            } finally {
                over.set(true);
                nginx.destroy();
                nginx.waitFor();
                gates.values().forEach(TestGate::close);
            }
        }
        assertThat(failed).as(Files.readString(folder.resolve("error.log"))).isEmpty();
        assertThat(answered.get()).isGreaterThan(1_000);
    }
}
