package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.documents.DocumentedRedisUserTest;
import dev.postern.store.SecretKeys;
import dev.postern.store.TestCluster;
import dev.postern.store.TestSentinel;
import dev.postern.store.TestTlsRedis;
import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The settings, files and variables that the chart renders start a gate that works, with each form of Redis. */
@Timeout(300)
@OwnsItsGate
class ChartGateTest {
    private static final String REQUIRED = """
            operatorToken: {existingSecret: gate-secrets}
            secretKeys: {existingSecret: gate-secrets}
            """;

    @TempDir
    private Path folder;

    private RenderedGate gate(String values, Map<String, String> more) throws IOException {
        Path keys = folder.resolve("made/secret-keys.json");
        SecretKeys made = SecretKeys.load(keys, true);
        assertThat(made.fingerprint()).isNotEmpty();
        Map<String, String> secrets = new HashMap<>(more);
        secrets.put("operator-token", TestGate.OPERATOR_TOKEN);
        secrets.put("secret-keys.json", Files.readString(keys));
        return new RenderedGate(Chart.ofTheProject().render(values), Map.of("gate-secrets", secrets),
                folder.resolve("root"));
    }

    /** Redis answers, and calls are decided and forwarded. */
    private static void works(TestGate gate, RecordingBackend backend) {
        gate.awaitLive();
        TestGate.Customer customer = gate.newCustomer();
        assertThat(gate.call(customer.masterKey(), "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(backend.received()).isNotEmpty();
        assertThat(gate.call(customer.masterKey(), "GET", "/not/in/the/catalogue").status()).isEqualTo(404);
        assertThat(gate.operate("GET", "/actuator/health", "").status()).isEqualTo(200);
    }

    private static String property(String[] properties, String name) {
        return Arrays.stream(properties).filter(property -> property.startsWith(name + "="))
                .map(property -> property.substring(name.length() + 1)).findFirst().orElseThrow();
    }

    @Test
    void runsWithASingleServer() throws IOException {
        try (TestRedisServer redis = new TestRedisServer();
                RecordingBackend backend = new RecordingBackend();
                TestGate gate = gate(REQUIRED + "redis: {url: 'redis://127.0.0.1:" + redis.port() + "/3'}\n"
                        + "config: {postern: {backend: '" + backend.address() + "'}}\n"
                        + "secretConfig: {postern: {tokens: {audience: from-a-secret}}}", Map.of()).start()) {
            works(gate, backend);

            assertThat(gate.context().getEnvironment().getProperty("postern.tokens.audience"))
                    .isEqualTo("from-a-secret");
            assertThat(gate.context().getEnvironment().getProperty("spring.data.redis.database")).isEqualTo("3");
            answersOnAllAddresses(gate);
            answersProbesTestsAndPrometheus(gate);
            servesTheCatalogueOfTheProject(gate);
        }
    }

    private static void answersOnAllAddresses(TestGate gate) throws IOException {
        for (InetAddress address : InetAddress.getAllByName("localhost")) {
            try (Socket socket = new Socket(address, gate.managementPort())) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }

    private static void answersProbesTestsAndPrometheus(TestGate gate) {
        Rendered rendered = Chart.ofTheProject().render(ValueSets.SERVICE_MONITOR.yaml());
        Rendered pods = Chart.ofTheProject().render(ValueSets.POD_MONITOR.yaml());
        Set<String> paths = new TreeSet<>();
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            JsonNode request = rendered.gate().required(probe).required("httpGet");
            assertThat(request.required("port").stringValue()).isEqualTo("management");
            paths.add(request.required("path").stringValue());
        }
        paths.add(rendered.only("ServiceMonitor").at("/spec/endpoints/0/path").stringValue());
        paths.add(pods.only("PodMonitor").at("/spec/podMetricsEndpoints/0/path").stringValue());
        JsonNode command = rendered.only("Pod").at("/spec/containers/0/command");
        String target = command.get(command.size() - 1).stringValue();
        assertThat(target).startsWith("http://demo-postern-management:8081/");
        paths.add(target.substring(target.indexOf('/', "http://".length())));

        assertThat(paths).hasSize(3).allSatisfy(
                path -> assertThat(RawHttp.call(gate.managementPort(), "GET", path, "").status()).isEqualTo(200));
        assertThat(rendered.gate().at("/ports").toString())
                .contains("8080", "8081");
        assertThat(rendered.env("SERVER_PORT")).hasValue("8080");
        assertThat(rendered.env("MANAGEMENT_SERVER_PORT")).hasValue("8081");
    }

    private static void servesTheCatalogueOfTheProject(TestGate gate) throws IOException {
        Set<String> apis = new TreeSet<>(Yamls.tree(Files.readString(Path.of("config/application.yml")))
                .at("/postern/apis").propertyNames());

        String served = gate.operate("GET", "/api/v1/apis", "").text();

        assertThat(apis).hasSize(7).allSatisfy(api -> assertThat(served).contains("\"" + api + "\""));
    }

    @Test
    void runsWithSentinels() throws IOException {
        try (TestSentinel redis = new TestSentinel(); RecordingBackend backend = new RecordingBackend()) {
            String nodes = property(redis.properties(), "spring.data.redis.sentinel.nodes").replace(",", "', '");
            try (TestGate gate = gate(REQUIRED + "redis: {sentinel: {master: postern, nodes: ['" + nodes + "']}}\n"
                    + "config: {postern.backend: '" + backend.address() + "'}", Map.of()).start()) {
                works(gate, backend);
            }
        }
    }

    @Test
    void runsWithAClusterAsItsUser() throws IOException {
        try (TestCluster redis = new TestCluster(
                DocumentedRedisUserTest.user() + " +cluster|nodes +cluster|myid");
                RecordingBackend backend = new RecordingBackend()) {
            String node = property(redis.properties(), "spring.data.redis.cluster.nodes");
            try (TestGate gate = gate(REQUIRED + "redis: {cluster: {nodes: ['" + node + "']}, username: postern,"
                    + " existingSecret: gate-secrets}\nmanagement: {address: '::'}\n"
                    + "config: {postern: {backend: '" + backend.address() + "'}}",
                    Map.of("redis-password", "password")).start()) {
                works(gate, backend);
                answersOnAllAddresses(gate);
            }
        }
    }

    @Test
    void runsWithTls() throws IOException {
        try (TestTlsRedis redis = new TestTlsRedis(folder.resolve("tls"), "ip:127.0.0.1",
                DocumentedRedisUserTest.user()); RecordingBackend backend = new RecordingBackend()) {
            String port = property(redis.properties(redis.certificate()), "spring.data.redis.port");
            try (TestGate gate = gate(REQUIRED + "redis: {url: 'rediss://127.0.0.1:" + port + "', username: postern,"
                    + " password: password, tls: {existingSecret: gate-secrets}}\n"
                    + "config: {postern: {backend: '" + backend.address() + "'}}",
                    Map.of("ca.crt", Files.readString(redis.certificate()))).start()) {
                works(gate, backend);
            }
        }
    }

    /** Nothing but the environment, the files and the working directory tells it what to do. */
    @LongTest
    @Test
    void runsInAProcessOfItsOwn() throws IOException {
        try (TestRedisServer redis = new TestRedisServer(); RecordingBackend backend = new RecordingBackend()) {
            RenderedGate rendered = gate(REQUIRED + "redis: {url: 'redis://127.0.0.1:" + redis.port() + "'}\n"
                    + "config: {postern: {backend: '" + backend.address() + "'}}", Map.of());
            Map<String, String> environment = new HashMap<>(rendered.environment());
            environment.remove("JAVA_TOOL_OPTIONS");
            try (ChildGate gate = new ChildGate(List.of(), List.of(), rendered.app(), environment)) {
                Reply apis = RawHttp.call(gate.managementPort(), "GET", "/api/v1/apis", "",
                        "Authorization: Bearer " + TestGate.OPERATOR_TOKEN);
                assertThat(apis.status()).isEqualTo(200);
                assertThat(apis.text()).contains("\"datastreams\"");
                assertThat(gate.output()).contains("management on 0.0.0.0:").doesNotContain("WARN");
            }
            assertThat(rendered.app().resolve("data")).isEmptyDirectory();
        }
    }

    @Test
    void givesTheJvmOptionsThatItAccepts() throws Exception {
        String options = Chart.ofTheProject().render(ValueSets.MINIMAL.yaml()).env("JAVA_TOOL_OPTIONS").orElseThrow();
        ProcessBuilder java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+PrintFlagsFinal", "-version").redirectErrorStream(true);
        java.environment().put("JAVA_TOOL_OPTIONS", options);

        Process process = java.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(output).containsPattern("UseG1GC +:?= true +.*environment")
                .containsPattern("MaxRAMPercentage +:?= 50.0+ .*environment").doesNotContain("warning");
    }

    @Test
    void runsATrialWithoutARedis() throws IOException {
        try (RecordingBackend backend = new RecordingBackend();
                TestGate gate = gate("redis: {embedded: true}\nreplicaCount: 1\noperatorToken: {value: "
                        + TestGate.OPERATOR_TOKEN + "}\nconfig: {postern: {backend: '" + backend.address() + "'}}",
                        Map.of()).start()) {
            works(gate, backend);
        }
        assertThat(folder.resolve("root/app/data/secret-keys.json")).exists();
    }
}
