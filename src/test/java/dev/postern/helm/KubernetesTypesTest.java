package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The checks of manifests find mistakes. */
class KubernetesTypesTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec:
              containers:
                - name: gate
                  image: postern
                  ports: [{containerPort: 8080}]
                  resources: {limits: {memory: 1Gi, cpu: 500m}}
                  securityContext: {runAsNonRoot: true}
            """;

    @Test
    void acceptAPod() {
        assertThat(KubernetesTypes.complaints(Yamls.tree(POD))).isEmpty();
    }

    @Test
    void findUnknownMissingAndMistypedFields() {
        wrong(POD.replace("image:", "imagge:"), "v1 Pod.spec.containers[0].imagge is unknown");
        wrong(POD.replace("name: gate", "image: x").replace("image: postern", ""),
                "v1 Pod.spec.containers[0].name is missing");
        wrong(POD.replace("8080", "\"8080\""), "v1 Pod.spec.containers[0].ports[0].containerPort cannot be \"8080\"");
        wrong(POD.replace("true", "\"true\""),
                "v1 Pod.spec.containers[0].securityContext.runAsNonRoot cannot be \"true\"");
        wrong(POD.replace("1Gi", "1Gb"), "v1 Pod.spec.containers[0].resources.limits.memory cannot be \"1Gb\"");
        wrong(POD.replace("{name: a}", "{name: a, labels: {version: 1}}"),
                "v1 Pod.metadata.labels.version cannot be 1");
        wrong(POD.replace("{name: a}", "{name: a, labels: }"), "v1 Pod.metadata.labels cannot be null");
        wrong(POD.replace("v1", "v2"), "unknown kind: v2 Pod");
    }

    @Test
    void findThemInCustomResources() {
        String monitor = """
                apiVersion: monitoring.coreos.com/v1
                kind: ServiceMonitor
                metadata: {name: a}
                spec:
                  selector: {matchLabels: {a: b}}
                  endpoints: [{port: management, interval: 30s}]
                """;
        assertThat(KubernetesTypes.complaints(Yamls.tree(monitor))).isEmpty();
        assertThat(KubernetesTypes.complaints(Yamls.tree(monitor.replace("port:", "prot:")))).isNotEmpty();
        assertThat(KubernetesTypes.complaints(Yamls.tree(monitor.replace("30s", "half a minute")))).isNotEmpty();
        assertThat(KubernetesTypes.complaints(Yamls.tree(monitor.replace("selector", "select")))).isNotEmpty();
        assertThat(KubernetesTypes.complaints(Yamls.tree(monitor.replace("{name: a}", "{nam: a}")))).isNotEmpty();
    }

    private static void wrong(String manifest, String complaint) {
        assertThat(KubernetesTypes.complaints(Yamls.tree(manifest))).containsExactly(complaint);
    }
}
