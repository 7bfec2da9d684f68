package dev.postern.documents;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The programs in the pages about credentials in {@code docs/how-to}, run exactly as they are printed there. */
final class DocumentedClients {
    private static final List<Path> PAGES = Stream.of("credentials", "api-keys", "static-tokens", "applications",
            "rsa-open-tokens", "jwt-tokens", "external-issuers")
            .map(page -> Path.of("docs/how-to", page + ".md")).toList();
    private static final Path RUNS = Path.of("target/documented-clients");
    private static final Pattern NAME = Pattern.compile("<!-- example: (\\S.*\\S) -->");
    private static final Pattern FENCE = Pattern.compile("```([a-z]+)");
    private static final int RUN_SECONDS = 60;

    private DocumentedClients() {}

    /**
     * A block of a page.
     *
     * @param language the word after the opening fence
     */
    record Example(String name, String language, String text) {}

    /** The result of a run. */
    record Result(int exitCode, String stdout, String stderr) {}

    /** All blocks by their names, in the order of the pages. */
    static Map<String, Example> all() {
        Map<String, Example> examples = new LinkedHashMap<>();
        PAGES.forEach(page -> addAll(page, examples));
        return examples;
    }

    private static void addAll(Path page, Map<String, Example> examples) {
        List<String> lines;
        try {
            lines = Files.readAllLines(page);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        for (int at = 0; at < lines.size(); at++) {
            Matcher name = NAME.matcher(lines.get(at));
            if (name.matches()) {
                int fence = at + 1;
                Matcher language = FENCE.matcher(fence < lines.size() ? lines.get(fence) : "");
                if (!language.matches()) {
                    throw wrong(page, at, "behind the name '" + name.group(1) + "' no block with a language begins");
                }
                at = endOfBlock(page, lines, fence);
                Example example = new Example(name.group(1), language.group(1),
                        String.join("\n", lines.subList(fence + 1, at)) + "\n");
                if (examples.put(example.name(), example) != null) {
                    throw wrong(page, fence - 1, "the name '" + example.name() + "' is there twice");
                }
            } else if (lines.get(at).startsWith("```")) {
                throw wrong(page, at, "the block has no name");
            }
        }
    }

    private static int endOfBlock(Path page, List<String> lines, int fence) {
        for (int at = fence + 1; at < lines.size(); at++) {
            if (lines.get(at).equals("```")) {
                return at;
            }
        }
        throw wrong(page, fence, "the block has no end");
    }

    private static IllegalStateException wrong(Path page, int line, String how) {
        return new IllegalStateException(page + ", line " + (line + 1) + ": " + how);
    }

    /** The block of this name. */
    static Example example(String name) {
        Map<String, Example> all = all();
        Example example = all.get(name);
        if (example == null) {
            throw new IllegalArgumentException(
                    "no page has an example '" + name + "'; there are " + String.join(", ", all.keySet()));
        }
        return example;
    }

    /**
     * A tool that the program needs and that is not installed. Then, a test may be skipped, but must fail if
     * {@code CI=true}.
     */
    static Optional<String> missingTool(String name) {
        Example example = example(name);
        return switch (example.language()) {
            case "sh" -> List.of("bash", "curl", "openssl").stream()
                    .filter(tool -> example.text().contains(tool) && !isInstalled(tool)).findFirst();
            case "python" -> Python.COMMAND.isPresent()
                    ? Optional.empty()
                    : Optional.of("python3 with the package cryptography");
            default -> Optional.empty();
        };
    }

    static boolean isInstalled(String tool) {
        String folders = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return List.of(folders.split(File.pathSeparator, -1)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    /**
     * Runs the program of this name in a new folder, and waits for its end.
     *
     * @param environment variables besides those of this process
     */
    static Result run(String name, Map<String, String> environment) {
        Example example = example(name);
        try {
            Path folder = Files.createTempDirectory(Files.createDirectories(RUNS), name.replace(' ', '-') + "-")
                    .toAbsolutePath();
            List<String> command = switch (example.language()) {
                case "sh" -> List.of("bash", "client.sh");
                case "python" -> List.of(Python.COMMAND.orElseThrow(
                        () -> new IllegalStateException("there is no python3 with the package cryptography")),
                        "client.py");
                // It is compiled at each start, which C2 does not make faster.
                case "java" -> List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "Client.java");
                default -> throw new IllegalArgumentException("the example '" + name + "' is not a program");
            };
            Files.writeString(folder.resolve(command.getLast()), example.text());
            return run(folder, command, environment);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static Result run(Path folder, List<String> command, Map<String, String> environment) throws IOException {
        Path stdout = folder.resolve("stdout");
        Path stderr = folder.resolve("stderr");
        // The output goes to files, because a child process of a killed program may keep a pipe open.
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                .redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
        // The programs call only this machine, so they need no proxy.
        builder.environment().putAll(Map.of("no_proxy", "*", "NO_PROXY", "*"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        boolean ended = await(process);
        Result result = new Result(ended ? process.exitValue() : -1, text(stdout), text(stderr));
        if (!ended) {
            throw new IllegalStateException(folder + " did not end within " + RUN_SECONDS + " s: " + result);
        }
        return result;
    }

    /** Replaces bytes that are not UTF-8: in another locale, Java writes in the encoding of that locale. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** Whether the process ended by itself. If it did not, this kills it and the processes that it has started. */
    private static boolean await(Process process) {
        try {
            if (process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        return false;
    }

    /** The first Python that has what the programs import. */
    private static final class Python {
        private static final Optional<String> COMMAND = List.of("python3", "/usr/bin/python3").stream()
                .filter(Python::hasCryptography).findFirst();

        private static boolean hasCryptography(String command) {
            try {
                Process process = new ProcessBuilder(command, "-c", "import cryptography")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return await(process) && process.exitValue() == 0;
            } catch (IOException notInstalled) {
                return false;
            }
        }
    }
}
