package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.TestGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The container of the gate as a node would run it: its files in a folder, and its environment. */
final class RenderedGate {
    /** The settings that the chart gives by environment variables. */
    private static final Map<String, String> SETTINGS = Stream.of("server.port", "management.server.port",
            "management.server.address", "spring.lifecycle.timeout-per-shutdown-phase", "postern.drain.pause",
            "postern.data-dir",
            "postern.operator-token", "postern.secret-keys.file", "spring.config.additional-location",
            "spring.data.redis.host", "spring.data.redis.port", "spring.data.redis.database",
            "spring.data.redis.username", "spring.data.redis.password", "spring.data.redis.ssl.enabled",
            "spring.data.redis.ssl.bundle", "spring.data.redis.sentinel.master", "spring.data.redis.sentinel.nodes",
            "spring.data.redis.sentinel.username", "spring.data.redis.sentinel.password",
            "spring.data.redis.cluster.nodes", "spring.ssl.bundle.pem.redis.truststore.certificate",
            "spring.ssl.bundle.pem.redis.keystore.certificate", "spring.ssl.bundle.pem.redis.keystore.private-key")
            .collect(Collectors.toMap(RenderedGate::variable, Function.identity()));

    private final Rendered rendered;
    private final Map<String, Map<String, String>> existing;
    private final Path root;

    /**
     * @param existing the Secrets that the values name, by name and key
     * @param root     stands for the root of the container
     */
    RenderedGate(Rendered rendered, Map<String, Map<String, String>> existing, Path root) {
        this.rendered = rendered;
        this.existing = existing;
        this.root = root.toAbsolutePath();
        try {
            mount();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The variable that sets a setting, as Spring reads the environment. */
    private static String variable(String setting) {
        return setting.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private void mount() throws IOException {
        for (JsonNode mount : rendered.gate().required("volumeMounts")) {
            Path folder = Files.createDirectories(folder(mount.required("mountPath").stringValue()));
            JsonNode volume = rendered.only("Deployment").at("/spec/template/spec/volumes").valueStream()
                    .filter(each -> each.required("name").equals(mount.required("name"))).findFirst().orElseThrow();
            Map<String, String> contents = volume.has("secret")
                    ? secret(volume.at("/secret/secretName").stringValue())
                    : volume.has("configMap")
                            ? texts(rendered.require("ConfigMap", volume.at("/configMap/name").stringValue()))
                            : Map.of();
            Map<String, String> names = new TreeMap<>();
            if (volume.at("/secret/items").isArray()) {
                volume.at("/secret/items").forEach(
                        item -> names.put(item.required("key").stringValue(), item.required("path").stringValue()));
            } else {
                contents.keySet().forEach(key -> names.put(key, key));
            }
            for (Map.Entry<String, String> name : names.entrySet()) {
                String content = contents.get(name.getKey());
                assertThat(content).as("key %s of volume %s", name.getKey(), volume).isNotNull();
                Files.writeString(folder.resolve(name.getValue()), String.valueOf(content));
            }
        }
    }

    private Path folder(String path) {
        return root.resolve(path.substring(1));
    }

    private Map<String, String> secret(String name) {
        return rendered.find("Secret", name).map(RenderedGate::texts).map(encoded -> {
            Map<String, String> decoded = new TreeMap<>();
            encoded.forEach((key, value) -> decoded.put(key,
                    new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
            return decoded;
        }).orElseGet(() -> new TreeMap<>(existing.getOrDefault(name, Map.of())));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.required("data").propertyStream().forEach(
                entry -> texts.put(entry.getKey(), entry.getValue().stringValue()));
        return texts;
    }

    /** The environment, with the paths of the container below the root. */
    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        for (JsonNode env : rendered.gate().required("env")) {
            JsonNode reference = env.at("/valueFrom/secretKeyRef");
            String value = reference.isMissingNode()
                    ? env.required("value").stringValue()
                    : secret(reference.required("name").stringValue()).get(reference.required("key").stringValue());
            assertThat(value).as("%s", env).isNotNull();
            environment.put(env.required("name").stringValue(),
                    String.valueOf(value).replaceFirst("^(file:)?(/app/|/etc/postern/)", "$1" + root + "$2"));
        }
        return environment;
    }

    Path app() {
        return folder(rendered.gate().required("workingDir").stringValue());
    }

    /** Starts it in this process, on free ports, with the settings of the chart and no others. */
    TestGate start(String... more) {
        List<String> properties = new ArrayList<>(
                List.of("spring.config.location=classpath:/,file:" + app() + "/config/"));
        environment().forEach((name, value) -> {
            if (!name.equals("JAVA_TOOL_OPTIONS") && !name.endsWith("SERVER_PORT")) {
                assertThat(SETTINGS).as("the settings in variables").containsKey(name);
                properties.add(SETTINGS.get(name) + "=" + value);
            }
        });
        // No load balancer watches this gate.
        properties.add("postern.drain.pause=0s");
        properties.addAll(List.of(more));
        return TestGate.start(properties.toArray(String[]::new));
    }
}
