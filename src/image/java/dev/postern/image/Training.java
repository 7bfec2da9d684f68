package dev.postern.image;

import dev.postern.support.ChildGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the AOT cache of the image: starts its gate with the sample backend, makes calls of all kinds, and stops it.
 * The JVM records which classes were loaded and which methods were hot, and writes from that a cache with which the next
 * start finds them linked and profiled. It uses the cache only with the same JVM, jars and collector, so the gate is
 * started from the root of the image, with the options that the image has.
 */
final class Training {
    private static final int ENDED_BY_SIGTERM = 143;
    /** About 7,000 calls: enough for the JVM to find out which methods are hot. */
    private static final int ROUNDS = 400;

    private final ImageRoot root;
    private final ImageSettings settings;

    Training(ImageRoot root, ImageSettings settings) {
        this.root = root;
        this.settings = settings;
    }

    void run() throws IOException, InterruptedException {
        Path folder = settings.target().resolve("image/training");
        ImageRoot.delete(folder);
        Files.createDirectories(folder);
        Path recorded = folder.resolve("app.aotconf");

        record(folder, recorded);
        Tool.run(command("-XX:AOTMode=create", "-XX:AOTConfiguration=" + recorded,
                "-XX:AOTCache=" + root.path(ImageRoot.AOT)));
        Files.delete(recorded);
    }

    private List<String> command(String... aot) {
        return settings.command(root.path("opt/java/bin/java").toString(), root.path(ImageRoot.APP).toString(), aot);
    }

    private void record(Path folder, Path recorded) throws IOException {
        List<String> command = new ArrayList<>(command("-XX:AOTMode=record", "-XX:AOTConfiguration=" + recorded));
        command.addAll(List.of("--server.port=0", "--management.server.port=0", "--postern.demo=true",
                "--postern.data-dir=" + folder.resolve("data"),
                "--spring.config.additional-location=file:" + Path.of("config").toAbsolutePath() + "/",
                // A busy machine is no outage.
                "--postern.store.command-timeout=5s", "--postern.store.management.command-timeout=5s"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        try (ChildGate gate = new ChildGate(builder)) {
            new TrainingCalls(gate.port(), gate.managementPort(), folder.resolve("data")).make(ROUNDS);
            gate.stop();
            int exit = gate.awaitEnd();
            if (exit != ENDED_BY_SIGTERM || !Files.exists(recorded)) {
                throw new IllegalStateException("the training ended with " + exit + ":\n" + gate.output());
            }
        }
    }
}
