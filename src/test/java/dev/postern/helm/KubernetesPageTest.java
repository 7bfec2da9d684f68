package dev.postern.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.documents.PastedPage;
import dev.postern.store.SecretKeys;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page about Kubernetes is true, as far as that shows without a cluster. Its lines are pasted into a shell in which
 * {@code helm} and {@code kubectl} only write down how they were called, and {@code curl} calls a real gate.
 */
@UsesSharedGate
class KubernetesPageTest {
    private static final Path PAGE = Path.of("docs/how-to/kubernetes.md");
    private static final Chart CHART = Chart.ofTheProject();
    private static final Pattern VALUES = Pattern.compile("^```yaml\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern OBJECT = Pattern.compile("(deployment|service|secret)[/ ]([a-z-]+)");
    private static final String ACCOUNT = "acme-on-kubernetes";
    /** Separates the arguments of a call. */
    private static final String MARK = "\u001f";
    /** Writes its arguments down; keeps the files of a new Secret, and shows the operator token. */
    private static final String STUB = """
            #!/bin/bash
            printf '%s\u001f' "${0##*/}" "$@" >> "$FOLDER/calls"
            echo >> "$FOLDER/calls"
            case "$*" in
              *"create secret generic"*)
                mkdir "$FOLDER/secret"
                for argument in "$@"; do
                  case "$argument" in
                    --from-file=*) cp "${argument#*=}" "$FOLDER/secret/" ;;
                    --from-literal=*) pair="${argument#*=}"; printf %s "${pair#*=}" > "$FOLDER/secret/${pair%%=*}" ;;
                  esac
                done ;;
              *"get secret"*) printf %s "$TOKEN" ;;
            esac
            """;

    @TempDir
    private Path folder;

    /** The values of the page, each block on top of the first one. */
    private static List<Map<String, Object>> values() throws IOException {
        List<Map<String, Object>> values = new ArrayList<>();
        Matcher block = VALUES.matcher(Files.readString(PAGE));
        while (block.find()) {
            Map<String, Object> read = Yamls.map(block.group(1));
            values.add(values.isEmpty() ? read : Chart.merged(values.getFirst(), read));
        }
        return values;
    }

    @Test
    void hasValuesThatTheChartAccepts() throws IOException {
        assertThat(values()).hasSizeGreaterThan(8).allSatisfy(values -> {
            Rendered rendered = CHART.render("postern", Yamls.write(values));
            assertThat(rendered.manifests()).allMatch(manifest -> KubernetesTypes.complaints(manifest).isEmpty());
        });
    }

    @Test
    void hasCommandsThatWork() throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String tool : List.of("helm", "kubectl")) {
            assertThat(Files.writeString(bin.resolve(tool), STUB).toFile().setExecutable(true)).isTrue();
        }
        Path page = Files.writeString(folder.resolve("page.md"),
                Files.readString(PAGE).replace("\"acme\"", "\"" + ACCOUNT + "\""));

        int answers = new PastedPage(page).paste(folder, SharedGate.GATE.port(), SharedGate.GATE.managementPort(),
                Map.of("PATH", bin + ":" + System.getenv("PATH"), "FOLDER", folder.toString(), "TOKEN",
                        TestGate.OPERATOR_TOKEN));

        assertThat(SharedGate.GATE.operate("DELETE", "/api/v1/accounts/" + ACCOUNT, "").status()).isEqualTo(204);
        assertThat(answers).isEqualTo(2);
        List<List<String>> calls = new ArrayList<>();
        for (String call : Files.readAllLines(folder.resolve("calls"))) {
            calls.add(List.of(call.split(MARK, -1)));
        }
        theGateAcceptsTheSecretKeys();
        theSecretHasTheKeysThatThePodReads();
        helmAcceptsItsCalls(calls);
        kubectlNamesObjectsThatExist(calls);
    }

    private void theGateAcceptsTheSecretKeys() {
        SecretKeys keys = SecretKeys.load(folder.resolve("secret/secret-keys.json"), false);

        assertThat(keys.open(keys.seal("a secret", "here"), "here")).isEqualTo("a secret");
        assertThat(keys.fingerprint()).isNotEqualTo(
                SecretKeys.load(folder.resolve("other/secret-keys.json"), true).fingerprint());
    }

    private void theSecretHasTheKeysThatThePodReads() throws IOException {
        Rendered rendered = CHART.render("postern", Yamls.write(values().getFirst()));
        Set<String> read = new TreeSet<>(Set.of("secret-keys.json"));
        rendered.gate().required("env").forEach(env -> {
            String key = env.at("/valueFrom/secretKeyRef/key").asString("");
            if (!key.isEmpty()) {
                assertThat(env.at("/valueFrom/secretKeyRef/name").asString("")).isEqualTo("postern-secrets");
                read.add(key);
            }
        });
        for (String key : read) {
            assertThat(folder.resolve("secret").resolve(key)).isNotEmptyFile();
        }
        assertThat(folder.resolve("secret/operator-token")).content().matches("[0-9a-f]{64}");
        assertThat(folder.resolve("redis-password")).doesNotExist();
    }

    private static void helmAcceptsItsCalls(List<List<String>> calls) throws IOException {
        Set<String> verbs = new TreeSet<>();
        for (List<String> call : calls.stream().filter(call -> call.getFirst().equals("helm")).toList()) {
            String line = String.join(" ", call);
            assertThat(line).containsPattern("(--namespace|-n) postern");
            verbs.addAll(call.stream().filter(word -> word.matches("[a-z]+") && !word.equals("helm")).limit(3)
                    .filter(Set.of("install", "upgrade", "test", "rollback", "uninstall")::contains).toList());
            if (call.contains("./helm/postern")) {
                Map<String, String> set = new LinkedHashMap<>();
                for (int i = 0; i < call.size(); i++) {
                    if (call.get(i).equals("--set")) {
                        String[] pair = call.get(i + 1).split("=", 2);
                        set.put(pair[0], pair[1]);
                    }
                }
                String values = call.contains("values.yaml") ? Yamls.write(values().getFirst()) : "";
                Rendered rendered = CHART.render(call.get(2), values, set);
                assertThat(rendered.manifests())
                        .allMatch(manifest -> KubernetesTypes.complaints(manifest).isEmpty());
            }
        }
        assertThat(verbs).containsExactly("install", "rollback", "test", "uninstall", "upgrade");
    }

    private static void kubectlNamesObjectsThatExist(List<List<String>> calls) throws IOException {
        Rendered rendered = CHART.render("postern", Yamls.write(values().getFirst()));
        Set<String> named = new TreeSet<>();
        for (List<String> call : calls.stream().filter(call -> call.getFirst().equals("kubectl")).toList()) {
            Matcher object = OBJECT.matcher(String.join(" ", call).replace("secret generic", "secret"));
            while (object.find()) {
                named.add(object.group(1) + "/" + object.group(2));
            }
        }
        assertThat(named).containsExactly("deployment/postern", "secret/postern-secrets", "service/postern",
                "service/postern-management");
        rendered.require("Deployment", "postern");
        assertThat(rendered.require("Service", "postern").at("/spec/ports/0/port").asInt()).isEqualTo(8080);
        assertThat(rendered.require("Service", "postern-management").at("/spec/ports/0/port").asInt()).isEqualTo(8081);
    }
}
