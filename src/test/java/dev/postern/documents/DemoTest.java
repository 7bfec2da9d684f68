package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestRedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first start, as somebody new sees it: the test reads the welcome, and pastes each of its lines into a shell. */
@OwnsItsGate
@LongTest
@Order(3)
class DemoTest {
    private static final Pattern LINE = Pattern.compile("# (allowed|refused, (\\w+)|the account).*\\n(curl .*)");

    @TempDir
    Path data = Path.of("");

    private ChildGate start(String... arguments) {
        List<String> all = new java.util.ArrayList<>(List.of("--postern.data-dir=" + data));
        all.addAll(List.of(arguments));
        ChildGate gate = new ChildGate(List.of("-Xmx256m"), all);
        assertThat(gate.port()).isPositive();
        return gate;
    }

    @Test
    void answersTheCommandsOfTheWelcomeAsPromisedAfterARestartToo() throws Exception {
        String key;
        try (ChildGate gate = start()) {
            key = Files.readString(data.resolve("demo/api-key"));
            assertThat(pasteWelcome(gate)).isEqualTo(7);
            assertThat(gate.output()).doesNotContain(key)
                    .doesNotContain(Files.readString(data.resolve("demo/master-key")))
                    .doesNotContain(Files.readString(data.resolve("operator-token")).strip());
            for (String file : List.of("operator-token", "secret-keys.json", "demo/api-key", "demo/master-key",
                    "redis/redis.conf")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(file)))).as(file)
                        .isEqualTo("rw-------");
            }
            // The gate ends as when the machine loses power, but its Redis still runs.
            gate.kill();
        }
        try (ChildGate again = start()) {
            assertThat(Files.readString(data.resolve("demo/api-key"))).isEqualTo(key);
            assertThat(pasteWelcome(again)).isEqualTo(7);
        }
        try (ChildGate without = start("--postern.demo=false")) {
            assertThat(without.output()).doesNotContain("curl");
            assertThat(data.resolve("demo")).doesNotExist();
            assertThat(RawHttp.call(without.port(), "GET", "/devices/39456825", "", "api-key: " + key).reason())
                    .isEqualTo("credential_invalid");
            assertThat(RawHttp.call(without.managementPort(), "GET", "/api/v1/accounts", "", "Authorization: Bearer "
                    + Files.readString(data.resolve("operator-token")).strip()).json().required("total_count")
                    .intValue()).isZero();
        }
    }

    @Test
    void isOffWithAnExternalRedisUnlessRequested() {
        try (TestRedisServer redis = new TestRedisServer()) {
            String[] properties = Stream.of(redis.properties()).map(property -> "--" + property).toArray(String[]::new);
            try (ChildGate gate = start(properties)) {
                assertThat(gate.output()).doesNotContain("curl");
                assertThat(data.resolve("redis")).as("no embedded Redis").doesNotExist();
                assertThat(data.resolve("demo")).doesNotExist();
            }
            try (ChildGate gate = start(Stream.concat(Stream.of(properties), Stream.of("--postern.demo=true"))
                    .toArray(String[]::new))) {
                assertThat(data.resolve("redis")).doesNotExist();
                assertThat(data.resolve("demo/api-key")).exists();
                assertThat(gate.port()).isPositive();
            }
        }
    }

    /** Pastes every line and returns how many there were. */
    private static int pasteWelcome(ChildGate gate) throws Exception {
        assumeTrue(Boolean.parseBoolean(System.getenv("CI")) || hasCurl(),
                "curl is not installed: its lines are not tried");
        Matcher lines = LINE.matcher(gate.output());
        int pasted = 0;
        while (lines.find()) {
            JsonNode reply = JsonMapper.shared().readTree(shell(lines.group(3)));
            Optional<String> reason = Optional.ofNullable(lines.group(2));
            if (reason.isPresent()) {
                assertThat(reply.required("reason").stringValue()).as(lines.group(3)).isEqualTo(reason.get());
            } else {
                assertThat(reply.has("reason")).as(lines.group(3) + reply).isFalse();
            }
            pasted++;
        }
        return pasted;
    }

    private static boolean hasCurl() throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v curl >/dev/null").start().waitFor() == 0;
    }

    private static String shell(String line) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(line).isZero();
        return output;
    }
}
