package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which values the chart accepts, and what it says about the others. */
// Starts nothing, but renders for too long for -Dquick.
@Tag("integration")
class ChartValuesTest {
    private static final Chart CHART = Chart.ofTheProject();
    private static final String MINIMAL = ValueSets.MINIMAL.yaml();
    private static final String TRIAL = ValueSets.TRIAL.yaml();

    /** The minimal values, with others that replace or extend them. */
    private static String with(String more) {
        return (more.startsWith("redis:") ? MINIMAL.replaceFirst("redis:.*\n", "") : MINIMAL) + more;
    }

    @Test
    void needsARedisOfAllGates() {
        assertThat(CHART.refusal(with("redis: {}")))
                .contains("set redis.url, redis.sentinel.nodes or redis.cluster.nodes")
                .contains("For a trial with a single gate, set redis.embedded=true and replicaCount=1");
        assertThat(CHART.refusal(with("redis: {url: 'redis://r', cluster: {nodes: ['n:1']}}")))
                .contains("set only one of redis.url and redis.cluster.nodes");
    }

    @Test
    void refusesTheEmbeddedRedisForSeveralGates() {
        assertThat(CHART.refusal(TRIAL.replace("replicaCount: 1", "")))
                .contains("The embedded Redis is for a single gate").contains("set replicaCount=1");
        assertThat(CHART.refusal(TRIAL + "autoscaling: {enabled: true}"))
                .contains("The embedded Redis is for a single gate: autoscaling.enabled must be false");
        assertThat(CHART.refusal(TRIAL + "config: {spring: {data: {redis: {lettuce: {pool: {enabled: true}}}}}}"))
                .contains("spring.data.redis.lettuce.pool.enabled would switch the embedded Redis off");
        assertThat(CHART.refusal(TRIAL + "extraEnv: [{name: SPRING_DATA_REDIS_HOST, value: r}]"))
                .contains("SPRING_DATA_REDIS_HOST would switch the embedded Redis off");
        assertThat(CHART.render(TRIAL).only("Deployment").at("/spec/strategy/type").asString("")).isEqualTo("Recreate");
        assertThat(CHART.render(TRIAL.replace("replicaCount: 1", "replicaCount: 0")).manifests()).isNotEmpty();
    }

    @Test
    void needsSecretKeysAndSaysHowToMakeThem() {
        assertThat(CHART.refusal(MINIMAL.replaceFirst("secretKeys:.*", "")))
                .contains("The secret keys are missing: set secretKeys.existingSecret")
                .contains("if a gate already uses this Redis, take its file")
                .contains("kubectl create secret generic postern-secrets --from-file=secret-keys.json");
        assertThat(CHART.refusal(MINIMAL.replaceFirst("secretKeys:.*", "secretKeys: {value: 'pepper'}")))
                .contains("secretKeys.value is not the content of a secret keys file");
    }

    @Test
    void needsAnOperatorTokenAndSaysHowToMakeOne() {
        assertThat(CHART.refusal(MINIMAL.replaceFirst("operatorToken:.*", "")))
                .contains("The operator token is missing: set operatorToken.existingSecret")
                .contains("--from-literal=operator-token=$(openssl rand -hex 32)");
        assertThat(CHART.refusal(MINIMAL.replaceFirst("operatorToken:.*", "operatorToken: {value: short}")))
                .contains("at '/operatorToken/value'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            operatorToken: {value: 0123456789abcdef, existingSecret: a}  | only one of operatorToken.value
            secretKeys: {value: '{}', existingSecret: a}                 | only one of secretKeys.value
            redis: {url: 'redis://r', password: a, existingSecret: b}    | only one of redis.password
            redis: {sentinel: {nodes: ['s:1']}}                          | set redis.sentinel.master
            redis: {url: 'redis://r', sentinel: {existingSecretKey: a}}  | redis.existingSecret, which is not set
            redis: {url: 'redis://r', tls: {clientCertificate: true}}    | set redis.tls.existingSecret
            extraEnv: [{name: SERVER_PORT, value: '80'}]                 | use the value service.port
            extraEnv: [{name: SPRING_DATA_REDIS_HOST, value: other}]     | use the values below redis
            redis: {url: 'redis://r', persistence: {enabled: true}}      | redis.persistence is for the embedded Redis
            autoscaling: {enabled: true, minReplicas: 5, maxReplicas: 4} | larger than autoscaling.maxReplicas
            autoscaling: {enabled: true, targetCPUUtilizationPercentage: 0} | Autoscaling needs a metric
            podDisruptionBudget: {minAvailable: 1}                       | Set one of podDisruptionBudget.maxUnavailable
            podDisruptionBudget: {maxUnavailable: ''}                    | Set one of podDisruptionBudget.maxUnavailable
            serviceMonitor: {enabled: true}                              | name its namespace in networkPolicy.managementFrom
            ingress: {enabled: true}                                     | set ingress.hosts
            httpRoute: {enabled: true}                                   | set httpRoute.parentRefs
            """)
    void refusesValuesThatContradictEachOther(String values, String message) {
        String minimal = MINIMAL.replaceFirst(values.replaceFirst(":.*", ":") + ".*\n", "");

        assertThat(CHART.refusal(minimal + values)).contains(message);
    }

    @Test
    void scrapesEachGateOnce() {
        assertThat(CHART.refusal(with("serviceMonitor: {enabled: true}\npodMonitor: {enabled: true}")))
                .contains("Prometheus would scrape each gate twice");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            replicas: 2                                        | '' | 'replicas'
            image: {tagg: '1'}                                 | '/image' | 'tagg'
            redis: {uri: 'redis://r'}                          | '/redis' | 'uri'
            ingress: {hosts: [{host: a, paths: [{path: /, pathType: Prefix, backend: a}]}]} | '/ingress/hosts/0/paths/0' | 'backend'
            httpRoute: {rules: [{backendRefs: []}]}            | '/httpRoute/rules/0' | 'backendRefs'
            networkPolicy: {managementFrom: [{everybody: {}}]} | '/networkPolicy/managementFrom/0' | 'everybody'
            """, quoteCharacter = '"')
    void refusesUnknownValuesWithTheirPath(String values, String path, String name) {
        assertThat(CHART.refusal(with(values)))
                .contains("at " + path + ": additional properties " + name + " not allowed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image: {tag: latest}                                        | /image/tag
            image: {repository: 'postern:1.0'}                          | /image/repository
            image: {digest: 'sha256:1'}                                 | /image/digest
            tests: {image: {tag: latest}}                               | /tests/image/tag
            replicaCount: '2'                                           | /replicaCount
            replicaCount: 1.5                                           | /replicaCount
            replicaCount: -1                                            | /replicaCount
            drainPauseSeconds: '10'                                     | /drainPauseSeconds
            service: {port: '8080'}                                     | /service/port
            service: {port: 70000}                                      | /service/port
            management: {type: LoadBalancer}                            | /management
            podLabels: {version: 1}                                     | /podLabels/version
            extraEnv: [{name: A, value: 1}]                             | /extraEnv/0/value
            networkPolicy: {managementFrom: [{ipBlock: {cidr: 0.0.0.0/0}}]} | /networkPolicy/managementFrom/0/ipBlock/cidr
            podAnnotations: {a: true}                                   | /podAnnotations/a
            redis: {url: 'redis://user:secret@r'}                       | /redis/url
            redis: {url: 'http://r'}                                    | /redis/url
            redis: {url: 'redis-sentinel://r'}                          | /redis/url
            redis: {cluster: {nodes: ['redis://n:1']}}                  | /redis/cluster/nodes/0
            redis: {cluster: {nodes: [n]}}                              | /redis/cluster/nodes/0
            podSecurityContext: {runAsUser: 0}                          | /podSecurityContext/runAsUser
            podSecurityContext: {runAsNonRoot: false}                   | /podSecurityContext/runAsNonRoot
            podSecurityContext: {seccompProfile: {type: Unconfined}}    | /podSecurityContext/seccompProfile/type
            securityContext: {readOnlyRootFilesystem: false}            | /securityContext/readOnlyRootFilesystem
            securityContext: {allowPrivilegeEscalation: true}           | /securityContext/allowPrivilegeEscalation
            securityContext: {privileged: true}                         | /securityContext/privileged
            securityContext: {capabilities: {add: [NET_ADMIN]}}         | /securityContext/capabilities/add
            securityContext: {capabilities: {drop: []}}                 | /securityContext/capabilities/drop
            networkPolicy: {managementFrom: [{}]}                       | /networkPolicy/managementFrom/0
            networkPolicy: {managementFrom: [{namespaceSelector: {}}]}  | /networkPolicy/managementFrom/0/namespaceSelector
            networkPolicy: {managementFrom: [{podSelector: {matchLabels: {}}}]} | /networkPolicy/managementFrom/0/podSelector/matchLabels
            config: {postern: text}                                     | /config/postern
            config: text                                                | /config
            fullnameOverride: Gate                                      | /fullnameOverride
            fullnameOverride: 1gate                                     | /fullnameOverride
            podDisruptionBudget: {maxUnavailable: half}                 | /podDisruptionBudget/maxUnavailable
            ingress: {hosts: [{host: a, paths: []}]}                    | /ingress/hosts/0/paths
            """)
    void refusesWrongValuesWithTheirPath(String values, String path) {
        String minimal = MINIMAL.replaceFirst(values.replaceFirst(":.*", ":") + ".*\n", "");

        assertThat(CHART.refusal(minimal + values)).contains("at '" + path + "'");
    }

    @Test
    void acceptsAnyUserIdForClustersThatAssignOne() {
        JsonNode context = CHART.render(ValueSets.ANY_USER_ID.yaml()).only("Deployment")
                .at("/spec/template/spec/securityContext");

        assertThat(context.propertyNames()).containsExactlyInAnyOrder("runAsNonRoot", "seccompProfile",
                "fsGroupChangePolicy");
    }

    /** In Helm, null removes a value of the chart. */
    @Test
    void refusesToBeWithoutAnyOfItsValues() throws IOException {
        JsonNode values = Yamls.tree(Files.readString(Chart.FOLDER.resolve("values.yaml")));

        for (String name : values.propertyNames()) {
            assertThat(CHART.refusal(MINIMAL.replaceFirst("(?m)^" + name + ":.*\n", "") + name + ": null\n"))
                    .contains("missing property '" + name + "'");
        }
        assertThat(CHART.refusal(with("service: {port: null}"))).contains("at '/service': missing property 'port'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"server: {port: 9090}", "management.server.port: 9091", "management: {server.port: 9091}",
            "management.server.address: 0.0.0.0", "postern: {operatorToken: abc}", "postern: {operator-token: abc}",
            "postern.data_dir: /data", "postern: {secret-keys: {create: true}}",
            "spring: {lifecycle: {timeout-per-shutdown-phase: 60s}}", "spring: {data: {redis: {host: redis}}}",
            "spring.data.redis: {url: 'redis://r'}", "spring.data.redis.sentinel.nodes: 'a:1'",
            "'spring.data.redis.cluster.nodes[0]': 'a:1'"})
    void saysWhichValueReplacesASetting(String settings) {
        assertThat(CHART.refusal(with("config: {" + settings + "}")))
                .contains("cannot be in config or secretConfig: use");
        assertThat(CHART.refusal(with("secretConfig: {" + settings + "}")))
                .contains("cannot be in config or secretConfig: use");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postern: {console: {oidc: {client-secret: hush}}}",
            "postern.console.oidc.clientSecret: hush",
            "server: {ssl: {key-store-password: hush}}", "postern: {backend: 'http://user:hush@things.internal'}",
            "spring: {ssl: {bundle: {pem: {a: {keystore: {private-key: \"-----BEGIN PRIVATE KEY-----\\nhush\"}}}}}}",
            "list: [{password: hush}]"})
    void refusesSecretsInTheConfigMap(String settings) {
        assertThat(CHART.refusal(with("config: {" + settings + "}"))).contains("move it to secretConfig")
                .doesNotContain("hush");
        assertThat(CHART.render(with("secretConfig: {" + settings + "}")).secret("application.yml"))
                .hasValueSatisfying(text -> assertThat(text).contains("hush"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postern: {console: {oidc: {client-secret: '${CLIENT_SECRET}'}}}",
            "spring: {ssl: {bundle: {pem: {a: {keystore: {private-key: 'file:/etc/backend/tls.key'}}}}}}",
            "postern: {tokens: {secret-overlap: 48h, max-secret-overlap: 90d}}"})
    void acceptsReferencesToSecrets(String settings) {
        assertThat(CHART.render(with("config: {" + settings + "}")).manifests()).isNotEmpty();
    }

    @Test
    void leavesSettingsAsTheyAre() {
        JsonNode given = Yamls.tree(ValueSets.STRANGE_SETTINGS.yaml()).required("config");

        JsonNode settings = Yamls.tree(CHART.render(ValueSets.STRANGE_SETTINGS.yaml()).settings());

        assertThat(settings.required("strange")).isEqualTo(given.required("strange"));
        assertThat(settings.at("/postern/license/max-devices").asInt()).isEqualTo(20_000_000);
    }

    /** The values for a route are the same as in a chart that {@code helm create} makes, and so is the route. */
    @Test
    void makesTheRouteThatHelmScaffolds(@TempDir Path folder) {
        String route = """
                service: {port: 8080}
                httpRoute:
                  enabled: true
                  annotations: {a: b}
                  parentRefs: [{name: gateway, sectionName: http}]
                  hostnames: [gate.example.com]
                  rules:
                    - matches: [{path: {type: PathPrefix, value: /devices}}]
                      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [X-Debug]}}]
                """;
        String scaffold = Helm.create().withName("postern").withDir(folder).call().template().withName("postern")
                .withKubeVersion("1.34.0").withValuesFile(write(folder.resolve("values.yaml"), route)).call();

        JsonNode expected = new Rendered(Yamls.all(scaffold)).only("HTTPRoute");
        JsonNode actual = CHART.render("postern", MINIMAL + route).only("HTTPRoute");
        assertThat(actual.required("spec")).isEqualTo(expected.required("spec"));
        assertThat(actual.at("/metadata/annotations")).isEqualTo(expected.at("/metadata/annotations"));
        assertThat(actual.required("apiVersion")).isEqualTo(expected.required("apiVersion"));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void takesACatalogueAsAWhole() {
        assertThat(Yamls.tree(CHART.render(ValueSets.OWN_CATALOGUE.yaml()).settings()).at("/postern/apis")
                .propertyNames()).containsExactly("things");
        assertThat(Yamls.tree(CHART.render(with("config: {postern.apis.a.name: A}")).settings()).propertyNames())
                .containsExactly("postern.apis.a.name");
        assertThat(CHART.render(with("secretConfig: {postern: {apis: {a: {name: A}}}}")).settings().strip())
                .isEqualTo("{}");
        assertThat(Yamls.tree(CHART.render(with("config: {postern: null}")).settings()).at("/postern/apis"))
                .hasSize(7);
    }

    @Test
    void refusesMoreSettingsThanKubernetesStores() {
        assertThat(CHART.refusal(with("config: {postern: {apis: {a: {name: '" + "a".repeat(1_000_000) + "'}}}}")))
                .contains("The settings are too long");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1", "123-gate", "a.b.c", "postern", "a-postern-b", "1.postern",
            "a-release-with-the-longest-name-that-helm-allows-5353"})
    void makesValidNamesForEveryRelease(String release) {
        Rendered rendered = CHART.render(release, ValueSets.SERVICE_MONITOR.yaml() + "podLabels: {a: b}\n");

        assertThat(ChartTest.problemsWithNames(rendered)).isEmpty();
        assertThat(rendered.manifests()).allMatch(manifest -> KubernetesTypes.complaints(manifest).isEmpty());
    }

    @Test
    void keepsTwoReleasesInOneNamespaceApart() {
        String prefix = "two-releases-with-names-that-are-almost-the-same-000";
        Rendered one = CHART.render(prefix + "1", ValueSets.TRIAL_WITH_A_VOLUME.yaml());
        Rendered two = CHART.render(prefix + "2", ValueSets.TRIAL_WITH_A_VOLUME.yaml());

        Set<String> names = new TreeSet<>();
        one.manifests().forEach(manifest -> names.add(manifest.required("kind") + Rendered.nameOf(manifest)));
        assertThat(two.manifests()).noneMatch(
                manifest -> names.contains(manifest.required("kind") + Rendered.nameOf(manifest)));
        assertThat(one.publicService().at("/spec/selector")).isNotEqualTo(two.publicService().at("/spec/selector"));
    }

    @Test
    void replacesThePodsWhenSettingsOrSecretsChange() {
        String secrets = ValueSets.SECRETS_IN_VALUES.yaml();

        assertThat(checksums(CHART.render(secrets))).isEqualTo(checksums(CHART.render(secrets + "replicaCount: 5")));
        assertThat(checksums(CHART.render(secrets + "config: {postern: {demo: false}}")).getFirst())
                .isNotEqualTo(checksums(CHART.render(secrets)).getFirst());
        assertThat(checksums(CHART.render(secrets.replace("hush-hush", "hush-husk"))).getLast())
                .isNotEqualTo(checksums(CHART.render(secrets)).getLast());
    }

    private static List<String> checksums(Rendered rendered) {
        JsonNode annotations = rendered.only("Deployment").at("/spec/template/metadata/annotations");
        return List.of(annotations.required("checksum/config").stringValue(),
                annotations.required("checksum/secrets").stringValue());
    }

    @Test
    void asksForReadinessInTheTestsOfTheRelease() {
        JsonNode pod = CHART.render(MINIMAL).only("Pod");

        assertThat(pod.at("/metadata/annotations").path(Chart.HOOK).asString("")).isEqualTo("test");
        assertThat(pod.at("/spec/containers/0/command").toString())
                .contains("wget", "http://demo-postern-management:8081/actuator/health/readiness");
        assertThat(CHART.render(ValueSets.LOAD_BALANCER.yaml()).only("Pod").toString())
                .contains("http://demo-postern-management:9000/");
        assertThat(CHART.render(ValueSets.NO_POLICY.yaml()).all("Pod")).isEmpty();
    }

    @Test
    void needsANameThatItsAlertsFind() {
        assertThat(CHART.refusal(TRIAL + "nameOverride: gate\nprometheusRule: {enabled: true}"))
                .contains("let nameOverride contain it");
    }

    @Test
    void givesAGateTimeToStop() {
        JsonNode pod = CHART.render(MINIMAL).only("Deployment").at("/spec/template/spec");
        assertThat(pod.at("/containers/0/env").toString())
                .contains("{\"name\":\"POSTERN_DRAIN_PAUSE\",\"value\":\"10s\"}");
        assertThat(pod.at("/terminationGracePeriodSeconds").asInt()).isEqualTo(10 + 2 * 20 + 10);

        Rendered other = CHART.render(ValueSets.EXTRAS.yaml());
        assertThat(other.only("Deployment").at("/spec/template/spec/terminationGracePeriodSeconds").asInt())
                .isEqualTo(2 * 60 + 10);
        assertThat(other.env("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE")).hasValue("60s");
    }

    @Test
    void choosesTheCollectorAndTheHeapOfTheJvm() {
        assertThat(CHART.render(MINIMAL).env("JAVA_TOOL_OPTIONS"))
                .hasValueSatisfying(options -> assertThat(options).contains("-XX:+UseG1GC", "-XX:MaxRAMPercentage="));
        assertThat(CHART.render(ValueSets.EXTRAS.yaml()).env("JAVA_TOOL_OPTIONS"))
                .hasValue("-XX:+UseZGC -Dname=\"a b\"");
    }

    @Test
    void writesOnlyWhereItMust() {
        Rendered rendered = CHART.render(MINIMAL);
        List<String> writable = rendered.gate().required("volumeMounts").valueStream()
                .filter(mount -> !mount.path("readOnly").asBoolean(false))
                .map(mount -> mount.required("mountPath").stringValue()).toList();

        assertThat(writable).containsExactly("/app/data", "/tmp");
        assertThat(rendered.gate().required("workingDir").stringValue()).isEqualTo("/app");
    }

    /** Every value is in the schema and the other way round, and no map is open by mistake. */
    @Test
    void areDescribedByTheSchemaInFull() throws IOException {
        JsonNode schema = JsonMapper.shared().readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
        JsonNode values = Yamls.tree(Files.readString(Chart.FOLDER.resolve("values.yaml")));
        List<String> wrong = new ArrayList<>();
        Set<String> open = new TreeSet<>();
        compare("", resolve(schema, schema), values, schema, wrong, open);

        assertThat(wrong).isEmpty();
        assertThat(open).containsExactlyInAnyOrder("commonLabels", "config", "secretConfig", "resources",
                "service.annotations", "management.annotations", "ingress.annotations", "httpRoute.annotations",
                "autoscaling.behavior", "serviceMonitor.labels", "podMonitor.labels", "prometheusRule.labels",
                "dashboards.labels", "dashboards.annotations", "serviceAccount.annotations", "podAnnotations",
                "podLabels", "podSecurityContext", "securityContext", "strategy", "nodeSelector", "affinity",
                "tests.resources");
    }

    static JsonNode resolve(JsonNode document, JsonNode schema) {
        return schema.has("$ref") ? document.at(schema.required("$ref").stringValue().substring(1)) : schema;
    }

    private static void compare(String path, JsonNode schema, JsonNode value, JsonNode document, List<String> wrong,
            Set<String> open) {
        if (!value.isObject()) {
            return;
        }
        if (!schema.path("additionalProperties").isBoolean()) {
            open.add(path);
            return;
        }
        Set<String> known = new TreeSet<>(schema.required("properties").propertyNames());
        known.remove("global");
        if (!known.equals(new TreeSet<>(value.propertyNames()))) {
            wrong.add(path + ": " + known + " but " + value.propertyNames());
        }
        Set<String> required = new TreeSet<>();
        schema.required("required").forEach(name -> required.add(name.stringValue()));
        if (!known.equals(required)) {
            wrong.add(path + " requires only " + required);
        }
        value.propertyStream().forEach(entry -> compare(path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                resolve(document, schema.required("properties").path(entry.getKey())), entry.getValue(), document,
                wrong, open));
    }
}
