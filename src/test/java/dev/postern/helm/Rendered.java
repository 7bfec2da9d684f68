package dev.postern.helm;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What Helm makes of the chart.
 *
 * @param manifests all objects, and those of hooks
 */
record Rendered(List<JsonNode> manifests) {
    Stream<JsonNode> all(String kind) {
        return manifests.stream().filter(manifest -> manifest.required("kind").stringValue().equals(kind));
    }

    Optional<JsonNode> find(String kind, String name) {
        return all(kind).filter(manifest -> nameOf(manifest).equals(name)).findAny();
    }

    JsonNode require(String kind, String name) {
        return find(kind, name).orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    /** The only object of this kind. */
    JsonNode only(String kind) {
        List<JsonNode> found = all(kind).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of kind " + kind);
        }
        return found.getFirst();
    }

    static String nameOf(JsonNode manifest) {
        return manifest.at("/metadata/name").stringValue();
    }

    /** Everything that has a pod: the Deployment, and the pods of hooks. */
    Stream<JsonNode> podSpecs() {
        return Stream.concat(all("Deployment").map(deployment -> deployment.at("/spec/template/spec")),
                all("Pod").map(pod -> pod.required("spec")));
    }

    /** The container of the gate. */
    JsonNode gate() {
        return only("Deployment").at("/spec/template/spec/containers/0");
    }

    /** The Service of the public port. */
    JsonNode publicService() {
        return all("Service").filter(service -> !nameOf(service).endsWith("-management")).findFirst().orElseThrow();
    }

    /** An environment variable of the gate that has its value in the manifest. */
    Optional<String> env(String name) {
        return gate().required("env").valueStream().filter(env -> env.required("name").stringValue().equals(name))
                .map(env -> env.path("value").asString("")).findFirst();
    }

    /** The text of the settings in the ConfigMap. */
    String settings() {
        return require("ConfigMap", nameOf(only("Deployment"))).at("/data/application.yml").stringValue();
    }

    /** What the chart's own Secret has under this key. */
    Optional<String> secret(String key) {
        return all("Secret").map(secret -> secret.required("data").path(key)).filter(JsonNode::isString)
                .map(value -> new String(Base64.getDecoder().decode(value.stringValue()), StandardCharsets.UTF_8))
                .findFirst();
    }
}
