package dev.postern.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A script of the project that has run to its end.
 *
 * @param status its exit status
 * @param text   what it printed
 */
public record ScriptRun(int status, String text) {
    /**
     * Runs a script in the project's folder. If it does not end in time, it is stopped with all that it started.
     *
     * @param environment in addition to that of the tests
     */
    public static ScriptRun of(Map<String, String> environment, Duration limit, List<String> command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("script", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
                throw new AssertionError(command + " did not end in time:\n" + Files.readString(output));
            }
            return new ScriptRun(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
