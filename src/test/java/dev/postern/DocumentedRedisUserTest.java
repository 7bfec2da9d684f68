package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.TestGate.Customer;
import dev.postern.license.LicenseWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The ACL user in the README may run every command that the gate runs. */
class DocumentedRedisUserTest {
    private static final Pattern COMMAND = Pattern
            .compile("commands\\s*\\.(?:<[^>]*>)?([a-z]+)\\(|redis\\.call\\('([A-Z]+)'");

    @Test
    void mayRunEveryCommandThatTheGateRuns() throws IOException {
        Set<String> run = new TreeSet<>();
        for (Path folder : List.of(Path.of("src/main/java"), Path.of("src/main/resources"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Matcher command = COMMAND.matcher(Files.readString(file));
                    while (command.find()) {
                        run.add(command.group(1) == null
                                ? command.group(2).toLowerCase(Locale.ROOT)
                                : command.group(1));
                    }
                }
            }
        }
        // Only in a Cluster, for which the README names it.
        run.remove("info");

        assertThat(run).contains("get", "eval", "hincrby").isSubsetOf(documented());
    }

    @Test
    void isEnoughForDevicesAndLicenses() throws IOException {
        try (RecordingBackend backend = new RecordingBackend(); TestRedisServer redis = new TestRedisServer()) {
            assertThat(command(redis, "ACL SETUSER " + documentedUser().substring("user ".length()))).isEqualTo("+OK");
            try (TestGate gate = TestGate.start(redis.properties("spring.data.redis.username=postern",
                    "spring.data.redis.password=password", "postern.license.enabled=true",
                    "postern.license.remember-for=0s", "postern.backend=" + backend.address()))) {
                useDevicesAndLicenses(gate);
                gate.context().getBean(LicenseWatch.class).look().block(Duration.ofSeconds(20));
            }
            assertThat(command(redis, "ACL LOG")).as("what the user was refused").isEqualTo("*0");
        }
    }

    private static void useDevicesAndLicenses(TestGate gate) {
        Customer owner = gate.newCustomer();
        Customer receiver = gate.newCustomer();
        owner.make("/projects", "{\"id\":\"house\",\"name\":\"n\",\"devices\":[]}");
        owner.make("/users", "{\"id\":\"alice\",\"name\":\"n\",\"devices\":[]}");
        owner.make("/devices", "{\"id\":\"lamp\",\"title\":\"n\",\"project\":\"house\",\"user\":\"alice\"}");
        String lines = Stream.of("lamp", "door", "car", "bell")
                .map(id -> "{\"id\":\"" + id + "\",\"title\":\"n\"}\n").collect(Collectors.joining());
        assertThat(owner.manage("POST", "/devices:import", lines).json().required("added").intValue()).isEqualTo(3);
        owner.make("/devices/lamp/shares", "{\"account\":\"" + receiver.account() + "\"}");
        for (String read : List.of("/devices", "/devices?seat=true", "/devices?seat=false", "/devices?title=n",
                "/devices?project=house&user=alice", "/devices?origin=shared", "/devices/lamp", "/devices/lamp/shares",
                "/license", "/license/ledger", "/license/ledger?after=0-0", "/license/extensions")) {
            assertThat(owner.manage("GET", read, "").status()).as(read).isEqualTo(200);
        }
        assertThat(receiver.manage("GET", "/devices/lamp", "").status()).isEqualTo(200);
        assertThat(receiver.manage("DELETE", "/devices/lamp", "").status()).isEqualTo(204);
        String extension = owner.make("/license/extensions", "").required("id").stringValue();
        for (String[] change : new String[][]{{"PUT", "/license/extensions/" + extension, "{\"state\":\"approved\"}"},
                {"PUT", "/license", "{\"plan\":\"paid\",\"seats\":4}"}}) {
            assertThat(owner.manage(change[0], change[1], change[2]).status()).as(change[1]).isEqualTo(200);
        }
        assertThat(gate.call(owner.masterKey(), "GET", "/devices/bell").status()).isEqualTo(200);
        assertThat(owner.manage("PUT", "/license", "{\"seats\":3}").json().required("unseated"))
                .hasToString("[\"bell\"]");
        assertThat(owner.manage("POST", "/license/seats:move", "{\"from\":\"lamp\",\"to\":\"bell\"}").status())
                .isEqualTo(200);
        assertThat(owner.manage("DELETE", "/devices/door", "").status()).isEqualTo(204);
        owner.make("/devices/lamp/shares", "{\"account\":\"" + receiver.account() + "\"}");
        assertThat(owner.manage("DELETE", "", "").status()).isEqualTo(204);
        assertThat(receiver.manage("GET", "/devices", "").json().required("total_count").intValue()).isZero();
        receiver.make("/devices", "{\"id\":\"lamp\",\"title\":\"n\"}");
    }

    /** The first line that Redis answers to a command of this line. */
    private static String command(TestRedisServer redis, String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return RawHttp.line(socket.getInputStream());
        }
    }

    private static String documentedUser() throws IOException {
        return Files.readAllLines(Path.of("README.md")).stream().filter(line -> line.contains("user postern on"))
                .findFirst().orElseThrow().strip();
    }

    private static Set<String> documented() throws IOException {
        return Arrays.stream(documentedUser().split(" +", -1)).filter(word -> word.matches("\\+[a-z]+"))
                .map(word -> word.substring(1)).collect(Collectors.toSet());
    }
}
