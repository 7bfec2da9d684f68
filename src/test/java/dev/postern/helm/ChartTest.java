package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What holds for every set of values. */
// Starts nothing, but renders for too long for -Dquick.
@Tag("integration")
class ChartTest {
    private static final Chart CHART = Chart.ofTheProject();
    private static final Map<ValueSets, Rendered> RENDERED = new EnumMap<>(ValueSets.class);
    private static final int LONGEST_NAME = 63;
    private static final Set<String> DEFAULT_KEYS = Set.of("operator-token", "secret-keys.json", "redis-password");

    private static synchronized Rendered rendered(ValueSets set) {
        return RENDERED.computeIfAbsent(set, wanted -> CHART.render(wanted.yaml()));
    }

    @ParameterizedTest
    @EnumSource
    void isValidKubernetes(ValueSets set) {
        List<String> complaints = rendered(set).manifests().stream()
                .flatMap(manifest -> KubernetesTypes.complaints(manifest).stream()).toList();

        assertThat(complaints).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void passesTheLinter(ValueSets set, @TempDir Path folder) {
        assertThat(Chart.copyTo(folder).lint(set.yaml())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void runsWithoutAnyPrivilege(ValueSets set) {
        assertThat(rendered(set).podSpecs()).isNotEmpty().allSatisfy(pod -> {
            assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.at("/enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asInt(1)).isPositive();
            assertThat(pod.at("/securityContext/seccompProfile/type").asString("")).isEqualTo("RuntimeDefault");
            assertThat(pod.propertyNames()).doesNotContain("hostNetwork", "hostPID", "hostIPC");
            assertThat(pod.required("containers")).isNotEmpty().allSatisfy(container -> {
                JsonNode context = container.required("securityContext");
                assertThat(context.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(context.path("readOnlyRootFilesystem").asBoolean(false)).isTrue();
                assertThat(context.path("privileged").asBoolean(false)).isFalse();
                assertThat(context.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
                assertThat(context.at("/capabilities/add").isMissingNode()).isTrue();
            });
        });
    }

    @ParameterizedTest
    @EnumSource
    void pinsImagesAndNeedsResourcesAndProbes(ValueSets set) {
        assertThat(rendered(set).podSpecs()).allSatisfy(
                pod -> assertThat(pod.required("containers")).allSatisfy(container -> {
                    assertThat(container.required("image").stringValue()).doesNotEndWith(":latest")
                            .matches(".+(:[^/:@]+|@sha256:[0-9a-f]{64})");
                    assertThat(container.at("/resources/requests/cpu").asString("")).isNotEmpty();
                    assertThat(container.at("/resources/requests/memory").asString("")).isNotEmpty();
                    assertThat(container.at("/resources/limits/memory").asString("")).isNotEmpty();
                }));
        assertThat(rendered(set).gate().propertyNames()).contains("startupProbe", "livenessProbe", "readinessProbe");
    }

    @ParameterizedTest
    @EnumSource
    void selectsItsPodsAndNoOthers(ValueSets set) {
        Rendered rendered = rendered(set);
        JsonNode deployment = rendered.only("Deployment");
        JsonNode labels = deployment.at("/spec/template/metadata/labels");
        List<JsonNode> selectors = new ArrayList<>(List.of(deployment.at("/spec/selector/matchLabels")));
        rendered.all("Service").forEach(service -> selectors.add(service.at("/spec/selector")));
        rendered.all("PodDisruptionBudget").forEach(budget -> selectors.add(budget.at("/spec/selector/matchLabels")));
        rendered.all("NetworkPolicy").forEach(policy -> selectors.add(policy.at("/spec/podSelector/matchLabels")));
        rendered.all("PodMonitor").forEach(monitor -> selectors.add(monitor.at("/spec/selector/matchLabels")));
        if (set != ValueSets.SCHEDULING) {
            deployment.at("/spec/template/spec/topologySpreadConstraints")
                    .forEach(spread -> selectors.add(spread.at("/labelSelector/matchLabels")));
        }

        assertThat(selectors).allMatch(selector -> selector.size() == 3 && selects(selector, labels));
        assertThat(rendered.all("Pod")).noneMatch(
                pod -> selectors.stream().anyMatch(selector -> selects(selector, pod.at("/metadata/labels"))));
        assertThat(rendered.all("ServiceMonitor")).allSatisfy(monitor -> assertThat(rendered.all("Service")
                .filter(service -> selects(monitor.at("/spec/selector/matchLabels"), service.at("/metadata/labels"))))
                .singleElement().satisfies(
                        service -> assertThat(service.at("/spec/ports/0/name").asString("")).isEqualTo("management")));
        rendered.all("HorizontalPodAutoscaler").forEach(scaler -> {
            assertThat(scaler.at("/spec/scaleTargetRef/name").asString("")).isEqualTo(Rendered.nameOf(deployment));
            assertThat(deployment.required("spec").has("replicas")).isFalse();
        });
    }

    private static boolean selects(JsonNode selector, JsonNode labels) {
        return selector.propertyStream()
                .allMatch(entry -> entry.getValue().equals(labels.path(entry.getKey())));
    }

    @ParameterizedTest
    @EnumSource
    void refersOnlyToWhatExists(ValueSets set) {
        Rendered rendered = rendered(set);
        Set<String> missing = new TreeSet<>();
        JsonNode pod = rendered.only("Deployment").at("/spec/template/spec");
        rendered.gate().required("env").forEach(env -> {
            keyOf(rendered, "Secret", env.at("/valueFrom/secretKeyRef"), "name", missing);
            keyOf(rendered, "ConfigMap", env.at("/valueFrom/configMapKeyRef"), "name", missing);
        });
        Set<String> volumes = new HashSet<>();
        pod.required("volumes").forEach(volume -> {
            volumes.add(volume.required("name").stringValue());
            object(rendered, "ConfigMap", volume.at("/configMap/name").asString(""), missing);
            object(rendered, "Secret", volume.at("/secret/secretName").asString(""), missing);
            volume.at("/secret/items").forEach(
                    item -> keyOf(rendered, "Secret", item, volume.at("/secret/secretName").asString(""), missing));
            object(rendered, "PersistentVolumeClaim", volume.at("/persistentVolumeClaim/claimName").asString(""),
                    missing);
        });
        object(rendered, "ServiceAccount", pod.required("serviceAccountName").stringValue(), missing);
        assertThat(missing).allMatch(reference -> isNamed(set, reference), "is named in the values");
        assertThat(rendered.gate().required("volumeMounts")).hasSameSizeAs(volumes).allMatch(
                mount -> volumes.contains(mount.required("name").stringValue()));
        assertThat(portsThatAreMissing(rendered)).isEmpty();
    }

    /** Whether the values say that it exists: the object, and the key in it unless that is the default one. */
    private static boolean isNamed(ValueSets set, String reference) {
        List<String> parts = List.of(reference.split("[ /]", 3));
        boolean key = parts.size() < 3 || DEFAULT_KEYS.contains(parts.get(2)) || set.yaml().contains(parts.get(2));
        return reference.equals("ServiceAccount default") || (key && set.yaml().contains(parts.get(1)));
    }

    private static void object(Rendered rendered, String kind, String name, Set<String> missing) {
        if (!name.isEmpty() && rendered.find(kind, name).isEmpty()) {
            missing.add(kind + " " + name);
        }
    }

    private static void keyOf(Rendered rendered, String kind, JsonNode reference, String object, Set<String> missing) {
        if (reference.isMissingNode()) {
            return;
        }
        String name = object.equals("name") ? reference.required("name").stringValue() : object;
        String key = reference.required("key").stringValue();
        if (!rendered.find(kind, name).map(found -> found.required("data").has(key)).orElse(false)) {
            missing.add(kind + " " + name + "/" + key);
        }
    }

    /** The port names of probes, Services, monitors and policies, and the ports of ingresses and routes. */
    private static List<String> portsThatAreMissing(Rendered rendered) {
        Set<String> ports = names(rendered.gate().required("ports"));
        Set<String> used = new HashSet<>();
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            used.add(rendered.gate().at("/" + probe + "/httpGet/port").asString(""));
        }
        rendered.all("Service").forEach(
                service -> service.at("/spec/ports").forEach(port -> used.add(port.path("targetPort").asString(""))));
        rendered.all("PodMonitor").forEach(monitor -> used.add(monitor.at("/spec/podMetricsEndpoints/0/port").asString(
                "")));
        rendered.all("NetworkPolicy").forEach(policy -> policy.at("/spec/ingress")
                .forEach(rule -> used.add(rule.at("/ports/0/port").asString(""))));
        List<String> missing = new ArrayList<>(used.stream().filter(name -> !ports.contains(name)).toList());
        rendered.all("ServiceMonitor").map(monitor -> monitor.at("/spec/endpoints/0/port").asString(""))
                .filter(name -> rendered.all("Service").noneMatch(
                        service -> names(service.at("/spec/ports")).contains(name)))
                .forEach(missing::add);
        return missing;
    }

    private static Set<String> names(JsonNode ports) {
        return ports.valueStream().map(port -> port.required("name").stringValue()).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheManagementPortFromIngresses(ValueSets set) {
        Rendered rendered = rendered(set);
        JsonNode open = rendered.publicService();
        assertThat(open.at("/spec/ports")).singleElement()
                .satisfies(port -> assertThat(port.required("targetPort").stringValue()).isEqualTo("http"));
        assertThat(rendered.all("Service").filter(service -> !service.equals(open))).singleElement()
                .satisfies(service -> {
                    assertThat(service.at("/spec/type").asString("")).isEqualTo("ClusterIP");
                    assertThat(service.at("/spec/ports")).hasSize(1);
                });
        rendered.all("Ingress").flatMap(ingress -> ingress.at("/spec/rules").valueStream())
                .flatMap(rule -> rule.at("/http/paths").valueStream())
                .forEach(path -> assertThat(path.at("/backend/service").toString()).isEqualTo(
                        "{\"name\":\"" + Rendered.nameOf(open) + "\",\"port\":{\"name\":\"http\"}}"));
        rendered.all("HTTPRoute").flatMap(route -> route.at("/spec/rules").valueStream())
                .forEach(rule -> assertThat(rule.required("backendRefs")).singleElement().satisfies(backend -> {
                    assertThat(backend.required("name").stringValue()).isEqualTo(Rendered.nameOf(open));
                    assertThat(backend.required("port")).isEqualTo(open.at("/spec/ports/0/port"));
                }));
        // A rule without sources would admit everybody.
        rendered.all("NetworkPolicy").flatMap(policy -> policy.at("/spec/ingress").valueStream())
                .filter(rule -> !rule.at("/ports/0/port").asString("").equals("http"))
                .forEach(rule -> assertThat(rule.path("from")).isNotEmpty()
                        .allMatch(peer -> peer.size() > 0 && peer.valueStream().allMatch(part -> part.size() > 0)));
    }

    @ParameterizedTest
    @EnumSource
    void putsSecretsOnlyIntoSecrets(ValueSets set) {
        assertThat(rendered(set).manifests().stream()
                .filter(manifest -> !manifest.required("kind").stringValue().equals("Secret"))
                .map(JsonNode::toString)).noneMatch(text -> text.contains(ValueSets.SECRET));
        assertThat(CHART.notes(set.yaml())).contains("port-forward").doesNotContain(ValueSets.SECRET);
        if (set.yaml().contains(ValueSets.SECRET)) {
            assertThat(rendered(set).all("Secret")).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasValidNamesAndLabels(ValueSets set) {
        assertThat(problemsWithNames(rendered(set))).isEmpty();
    }

    /** Names that Kubernetes would refuse, and objects that have the same one. */
    static List<String> problemsWithNames(Rendered rendered) {
        List<String> problems = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (JsonNode manifest : rendered.manifests()) {
            String name = Rendered.nameOf(manifest);
            // The strictest rule, which holds for Services.
            if (name.length() > LONGEST_NAME || !name.matches("[a-z]([-a-z0-9]*[a-z0-9])?")) {
                problems.add(name);
            }
            if (!known.add(manifest.required("kind") + " " + manifest.at("/metadata/namespace") + " " + name)) {
                problems.add("twice: " + name);
            }
            Stream.of("/metadata/labels", "/spec/template/metadata/labels", "/spec/selector/matchLabels")
                    .flatMap(path -> manifest.at(path).propertyStream()).map(Map.Entry::getValue)
                    .map(JsonNode::stringValue)
                    .filter(label -> label.length() > LONGEST_NAME
                            || !label.matches("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"))
                    .forEach(problems::add);
        }
        return problems;
    }
}
