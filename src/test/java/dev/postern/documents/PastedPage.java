package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.documents.DocumentedClients.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page whose shell lines are pasted into one shell, from the first to the last, and answered as its comments say. */
public final class PastedPage {
    private static final Pattern BLOCK = Pattern.compile("^```sh\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** Stands before each answer; no answer has such a line. */
    private static final String MARK = "-- answer --";

    private final List<Step> steps;

    public PastedPage(Path page) throws IOException {
        this.steps = steps(Files.readString(page));
    }

    /**
     * Lines that are pasted together.
     *
     * @param answer the comment behind them, {@code …} for anything in a line, or alone for any lines; empty when there
     *               is none
     */
    private record Step(String command, String answer) {
        boolean isAnsweredBy(String text) {
            return answer.isEmpty() || answer.equals("…")
                    || text.matches(Arrays.stream(answer.split("…", -1)).map(Pattern::quote)
                            .collect(Collectors.joining(".*")));
        }
    }

    /**
     * Pastes the page in this folder and compares the answers.
     *
     * @return how many answers the page shows
     */
    public int paste(Path folder, int port, int managementPort) throws IOException {
        return paste(folder, port, managementPort, Map.of());
    }

    /**
     * The same, with more variables in the environment of the shell. With a {@code PATH}, a page can be pasted whose
     * tools must not really run.
     */
    public int paste(Path folder, int port, int managementPort, Map<String, String> environment) throws IOException {
        Optional<String> missing = Stream.of("bash", "curl", "openssl")
                .filter(tool -> !DocumentedClients.isInstalled(tool))
                .findFirst();
        if (missing.isPresent() && !"true".equals(System.getenv("CI"))) {
            assumeTrue(false, "skipped, as this machine has no " + missing.get());
        }
        Files.writeString(folder.resolve("pasted.sh"), steps.stream()
                .map(step -> "echo '" + MARK + "'\n" + step.command()).collect(Collectors.joining())
                .replace("127.0.0.1:8080", "127.0.0.1:" + port)
                .replace("127.0.0.1:8081", "127.0.0.1:" + managementPort));

        Result result = DocumentedClients.run(folder, List.of("bash", "-e", "pasted.sh"), environment);

        assertThat(result.exitCode()).as("%s", result).isZero();
        List<String> answers = List.of(result.stdout().split(Pattern.quote(MARK) + "\n", -1));
        assertThat(answers).hasSize(steps.size() + 1);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            String answer = answers.get(i + 1).strip();
            assertThat(step.isAnsweredBy(answer))
                    .as("%s# %s%nis answered by%n%s", step.command(), step.answer(), answer)
                    .isTrue();
        }
        return (int) steps.stream().filter(step -> !step.answer().isEmpty()).count();
    }

    /**
     * Each step ends with the comment, on lines of its own, that shows the answer. A comment after a command on the
     * same line belongs to the command.
     */
    private static List<Step> steps(String document) {
        List<Step> steps = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        StringBuilder answer = new StringBuilder();
        Matcher block = BLOCK.matcher(document);
        while (block.find()) {
            for (String line : block.group(1).lines().toList()) {
                if (line.startsWith("#")) {
                    answer.append(line.substring(1).strip());
                    continue;
                }
                if (!answer.isEmpty()) {
                    steps.add(new Step(command.toString(), answer.toString()));
                    command.setLength(0);
                    answer.setLength(0);
                }
                command.append(line).append('\n');
            }
        }
        steps.add(new Step(command.toString(), answer.toString()));
        return steps;
    }
}
