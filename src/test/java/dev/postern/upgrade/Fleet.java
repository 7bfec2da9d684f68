package dev.postern.upgrade;

import dev.postern.support.ChildGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import dev.postern.support.TestIssuer;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipFile;

/** Two gates from jars in front of one Redis and one backend. Gates are replaced one after the other, under load. */
final class Fleet implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(90);
    private static final Duration CALLS_END = Duration.ofSeconds(1);

    private final TestRedisServer redis = new TestRedisServer();
    private final Backend backend = new Backend();
    private final TestIssuer issuer = new TestIssuer();
    private final Map<Version, Path> jars = new EnumMap<>(Version.class);
    private final List<Gate> serving = new CopyOnWriteArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private int started;

    /** The version of a gate. */
    enum Version {
        OLD, NEW
    }

    /** A gate in a process of its own. */
    record Gate(Version version, ChildGate process) {
        int port() {
            return process.port();
        }

        int managementPort() {
            return process.managementPort();
        }

        @Override
        public String toString() {
            return version + " gate, process " + process.pid();
        }
    }

    Fleet(Path oldJar, Path newJar) {
        jars.put(Version.OLD, oldJar.toAbsolutePath());
        jars.put(Version.NEW, newJar.toAbsolutePath());
    }

    TestIssuer issuer() {
        return issuer;
    }

    /** The gates to which calls may be sent now. */
    List<Gate> serving() {
        return serving;
    }

    /** How many calls have reached the backend. */
    long forwarded() {
        return backend.calls();
    }

    /** The errors in the logs of the gates that have ended. */
    List<String> errors() {
        return errors;
    }

    /** Replaces each gate that is not of the wanted version: starts the new one, moves the calls, stops the former. */
    void serve(Version first, Version second) {
        List<Version> wanted = List.of(first, second);
        for (int place = 0; place < wanted.size(); place++) {
            if (place >= serving.size()) {
                serving.add(start(wanted.get(place)));
            } else if (serving.get(place).version() != wanted.get(place)) {
                Gate former = serving.get(place);
                serving.set(place, start(wanted.get(place)));
                LockSupport.parkNanos(CALLS_END.toNanos());
                stop(former);
            }
        }
    }

    private Gate start(Version version) {
        try {
            Path folder = Files.createDirectories(redis.directory().resolve("gate-" + started++));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m",
                    "-XX:+UseSerialGC", "-jar", jars.get(version).toString(), "--server.port=0",
                    "--management.server.port=0",
                    "--spring.config.additional-location=file:" + Path.of("config").toAbsolutePath() + "/",
                    "--postern.operator-token=" + TestGate.OPERATOR_TOKEN, "--postern.demo=false",
                    "--postern.data-dir=" + folder, "--postern.backend=" + backend.address(),
                    "--postern.license.minimum-devices=0",
                    "--postern.tokens.access-token-lifetime=24h", "--postern.issuers.test.issuer=" + TestIssuer.ISSUER,
                    "--postern.issuers.test.jwks-uri=" + issuer.jwksAddress(),
                    "--postern.issuers.test.audience=" + TestIssuer.AUDIENCE,
                    "--postern.issuers.test.account-claim=account",
                    // A busy machine is no outage.
                    "--postern.store.command-timeout=5s", "--postern.store.management.command-timeout=5s"));
            if (hasExpressLane(jars.get(version))) {
                command.add("--postern.express.response-header=true");
            }
            for (String property : redis.properties("postern.secret-keys.file=" + redis.directory()
                    + "/secret-keys.json")) {
                command.add("--" + property);
            }
            ChildGate process = new ChildGate(new ProcessBuilder(command).directory(folder.toFile()));
            awaitReady(process);
            awaitIssuer(process);
            return new Gate(version, process);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Gates refuse settings that they do not know. */
    private static boolean hasExpressLane(Path jar) throws IOException {
        try (ZipFile file = new ZipFile(jar.toFile())) {
            return file.stream().anyMatch(entry -> entry.getName().contains("/dev/postern/express/"));
        }
    }

    private static void awaitReady(ChildGate gate) {
        long end = System.nanoTime() + READY_LIMIT.toNanos();
        while (RawHttp.call(gate.managementPort(), "GET", "/actuator/health/readiness", "").status() != 200) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the gate does not become ready:\n" + gate.output());
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** With the first token of an issuer, a gate fetches its keys. On a busy machine, that may fail at first. */
    private void awaitIssuer(ChildGate gate) {
        String token = issuer.accessToken("nobody", "devices", "");
        long end = System.nanoTime() + READY_LIMIT.toNanos();
        while (RawHttp.call(gate.port(), "GET", "/devices/none", "", "Authorization: Bearer " + token)
                .status() == 503) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the gate does not get the keys of the issuer:\n" + gate.output());
            }
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
    }

    private void stop(Gate gate) {
        gate.process().close();
        gate.process().output().lines().filter(line -> line.contains(" ERROR ")).forEach(errors::add);
    }

    @Override
    public void close() {
        serving.forEach(this::stop);
        serving.clear();
        backend.close();
        redis.close();
    }
}
