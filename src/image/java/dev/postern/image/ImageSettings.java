package dev.postern.image;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is built.
 *
 * @param jar       the executable jar of the gate
 * @param target    the folder of the build
 * @param base      the image below the layers of the gate: {@code scratch}, the name of an image with its digest, or
 *                  {@code tar://} and the path of one
 * @param timestamp the time of all files and of the image
 * @param flags     options of the JVM that the gate always has
 * @param trained   whether the image has an AOT cache
 * @param labels    titles, versions and the like, by the names that OCI gives them
 * @param name      name and tag of the image
 */
record ImageSettings(Path jar, Path target, String base, Instant timestamp, List<String> flags, boolean trained,
        Map<String, String> labels, String name) {

    private static final String OCI = "org.opencontainers.image.";

    static ImageSettings of(Map<String, String> settings) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : List.of("title", "description", "version", "licenses", "source", "revision")) {
            String value = settings.getOrDefault(label, "");
            if (!value.isBlank()) {
                labels.put(OCI + label, value);
            }
        }
        String timestamp = required(settings, "timestamp");
        labels.put(OCI + "created", timestamp);
        String base = settings.getOrDefault("base", "scratch");
        if (!base.equals("scratch") && !base.startsWith("tar://")) {
            if (!base.contains("@sha256:")) {
                throw new IllegalArgumentException("image.base needs a digest (name@sha256:...), because a tag can"
                        + " become another image: " + base);
            }
            labels.put(OCI + "base.name", base.substring(0, base.indexOf('@')));
            labels.put(OCI + "base.digest", base.substring(base.indexOf('@') + 1));
        }
        return new ImageSettings(Path.of(required(settings, "jar")), Path.of(required(settings, "target")), base,
                Instant.parse(timestamp), List.of(required(settings, "flags").split(" +", -1)),
                Boolean.parseBoolean(settings.getOrDefault("trained", "true")), labels,
                "postern:" + required(settings, "version"));
    }

    private static String required(Map<String, String> settings, String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("missing: " + name + "=...");
        }
        return value;
    }

    boolean fromScratch() {
        return base.equals("scratch");
    }

    /** How the image starts the gate. */
    List<String> entrypoint() {
        return command("/opt/java/bin/java", "/app", "-XX:AOTCache=/app/app.aot");
    }

    /**
     * How to start a gate of the image.
     *
     * @param java where {@code java} is
     * @param app  where the application is
     * @param aot  what to do with the AOT cache
     */
    List<String> command(String java, String app, String... aot) {
        List<String> command = new ArrayList<>();
        command.add(java);
        // First, so that the options after it, and those in JAVA_TOOL_OPTIONS, take precedence.
        command.add("-XX:Flags=" + app + "/jvm.flags");
        command.addAll(flags);
        command.add("-Djava.library.path=" + app + "/native");
        command.addAll(List.of(aot));
        command.addAll(List.of("-jar", app + "/postern.jar"));
        return command;
    }
}
