package dev.postern.monitoring;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.RawHttp;
import dev.postern.support.ScriptRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A real Prometheus that scrapes one gate once a second. */
final class Prometheus implements AutoCloseable {
    static final Path CONFIG = Path.of("config/prometheus");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final int port;

    /** @param folder for its data */
    Prometheus(Path folder, int managementPort) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // The project's example, with another interval and this gate.
        String config = Files.readString(CONFIG.resolve("prometheus.yml"))
                .replaceAll("(scrape|evaluation)_interval: \\S+", "$1_interval: 1s")
                .replace("rules/*.yml", CONFIG.toAbsolutePath().resolve("rules/*.yml").toString())
                .replaceFirst("targets: \\[[^]]*]", "targets: ['127.0.0.1:" + managementPort + "']");
        Path file = Files.writeString(folder.resolve("prometheus.yml"), config);
        process = new ProcessBuilder("prometheus", "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port, "--storage.tsdb.retention.time=1h")
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        await().atMost(LIMIT).ignoreException(UncheckedIOException.class)
                .until(() -> RawHttp.call(port, "GET", "/-/ready", "").status() == 200);
    }

    /** Skips the test if a program is missing, except in CI. */
    static void require(String program) {
        boolean present = List.of(System.getenv("PATH").split(":", -1)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!present) {
            assumeTrue("true".equals(System.getenv("CI")), "skipped, as this machine has no " + program
                    + " (Debian's package prometheus)");
            throw new AssertionError(program + " is missing");
        }
    }

    /** Runs promtool in the folder of the configuration. */
    static String promtool(String... arguments) throws IOException, InterruptedException {
        require("promtool");
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        ScriptRun run = ScriptRun.of(Map.of(), LIMIT, command);
        if (run.status() != 0) {
            throw new AssertionError(String.join(" ", command) + ":\n" + run.text());
        }
        return run.text();
    }

    private JsonNode get(String path, String query) {
        RawHttp.Reply reply = RawHttp.call(port, "GET",
                path + "?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8), "");
        return data(reply, query);
    }

    private static JsonNode data(RawHttp.Reply reply, String query) {
        JsonNode json = reply.json();
        if (!json.path("status").asString("").equals("success")) {
            throw new AssertionError(query + ": " + reply.text());
        }
        return json.required("data").required("result");
    }

    /** The present values of a query: a list of {@code metric} and {@code value}. */
    JsonNode query(String query) {
        return get("/api/v1/query", query);
    }

    /** The values of a query since a time, one a second: a list of {@code metric} and {@code values}. */
    JsonNode range(String query, Instant since) {
        return data(RawHttp.call(port, "GET", String.format(Locale.ROOT,
                "/api/v1/query_range?query=%s&start=%d&end=%d&step=1",
                URLEncoder.encode(query, StandardCharsets.UTF_8), since.getEpochSecond(),
                Instant.now().getEpochSecond()), ""), query);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
