package dev.postern.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Programs of the build machine. */
final class Tool {
    private Tool() {}

    /** The path of a program of the JDK that runs this build. */
    static String ofTheJdk(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /**
     * Runs a program, which must succeed.
     *
     * @return what it printed
     */
    static String run(List<String> command) throws InterruptedException {
        return run(command, true);
    }

    /** What a program prints, whether it succeeds or not. */
    static String output(List<String> command) throws InterruptedException {
        return run(command, false);
    }

    private static String run(List<String> command, boolean mustSucceed) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // What ldd and dpkg-query print is read here.
        builder.environment().put("LC_ALL", "C.UTF-8");
        // The JVM would print a line about it.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0 && mustSucceed) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + output);
            }
            return output;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
