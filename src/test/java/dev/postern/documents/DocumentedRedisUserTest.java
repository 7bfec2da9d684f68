package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.license.LicenseWatch;
import dev.postern.support.EveryScript;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
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

/** The ACL user on the page about Redis may run every command that the gate runs. */
@OwnsItsGate
public class DocumentedRedisUserTest {
    private static final Path PAGE = Path.of("docs/how-to/redis.md");
    private static final Pattern COMMAND = Pattern
            .compile("commands\\s*\\.(?:<[^>]*>)?([a-z]+)(?:ForReplication)?\\(|redis\\.call\\('([A-Z]+)'");

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
        assertThat(run).contains("get", "eval", "hincrby", "wait").isSubsetOf(documented());
    }

    @Test
    void sufficesForDevicesAndLicenses() throws IOException {
        try (RecordingBackend backend = new RecordingBackend(); TestRedisServer redis = new TestRedisServer()) {
            assertThat(command(redis, "ACL SETUSER " + documentedUser().substring("user ".length()))).isEqualTo("+OK");
            try (TestGate gate = TestGate.start(redis.properties("spring.data.redis.username=postern",
                    "spring.data.redis.password=password", "postern.license.enabled=true",
                    "postern.license.remember-for=0s", "postern.backend=" + backend.address()))) {
                EveryScript.useDevicesAndLicenses(gate);
                gate.context().getBean(LicenseWatch.class).look().block(Duration.ofSeconds(20));
            }
            assertThat(command(redis, "ACL LOG")).as("what the user was refused").isEqualTo("*0");
        }
    }

    /** The first line that Redis answers to a command of this line. */
    private static String command(TestRedisServer redis, String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return RawHttp.line(socket.getInputStream());
        }
    }

    @Test
    void isDocumentedOnOnePageOnly() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs")); Stream<Path> root = Files.list(Path.of(""))) {
            List<Path> pages = Stream.concat(docs, root).filter(file -> file.toString().endsWith(".md")).toList();
            for (Path page : pages) {
                assertThat(Files.readString(page).contains("user postern on")).as("%s", page)
                        .isEqualTo(page.equals(PAGE));
            }
            assertThat(pages).contains(PAGE, Path.of("README.md"));
        }
    }

    /** The user for a Redis that is no Cluster, as a line of {@code redis.conf}. */
    public static String user() throws IOException {
        return documentedUser();
    }

    /** The user for a Cluster. */
    public static String clusterUser() throws IOException {
        List<String> more = Files.readAllLines(PAGE).stream()
                .flatMap(line -> Pattern.compile("`(\\+cluster[^`]*)`").matcher(line).results())
                .map(found -> found.group(1)).toList();
        assertThat(more).hasSize(1);
        return user() + " " + more.getFirst();
    }

    private static String documentedUser() throws IOException {
        return Files.readAllLines(PAGE).stream().filter(line -> line.contains("user postern on"))
                .findFirst().orElseThrow().strip();
    }

    private static Set<String> documented() throws IOException {
        return Arrays.stream(documentedUser().split(" +", -1)).filter(word -> word.matches("\\+[a-z]+"))
                .map(word -> word.substring(1)).collect(Collectors.toSet());
    }
}
