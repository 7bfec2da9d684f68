package dev.postern.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.support.ChildGate;
import dev.postern.support.ScriptRun;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The image, unpacked from its tar file as a container engine does, and gates that run in it. */
final class UnpackedImage {
    /** The build's image. */
    static final Path TAR = Path.of("target/postern-image.tar");
    static final Path ROOT = Path.of("target/unpacked-image").toAbsolutePath();
    private static final String ENTER = Path.of("src/test/resources/dev/postern/image/enter").toAbsolutePath()
            .toString();

    private final JsonNode config;
    private final List<List<TarArchiveEntry>> layers = new ArrayList<>();

    private UnpackedImage(JsonNode config) {
        this.config = config;
    }

    /** Unpacks the image of the build. */
    static UnpackedImage unpack() throws IOException {
        ImageRoot.delete(ROOT);
        Map<String, byte[]> files = files(TAR);
        JsonNode manifest = read(files, "manifest.json").get(0);
        UnpackedImage image = new UnpackedImage(read(files, manifest.required("Config").stringValue()));
        for (JsonNode layer : manifest.required("Layers")) {
            image.layers.add(apply(files.getOrDefault(layer.stringValue(), new byte[0])));
        }
        for (String mount : List.of("proc", "dev", "etc")) {
            Files.createDirectories(ROOT.resolve(mount));
        }
        for (String mount : List.of("etc/hosts", "etc/resolv.conf")) {
            Files.createFile(ROOT.resolve(mount));
        }
        return image;
    }

    static Map<String, byte[]> files(Path tar) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(
                new BufferedInputStream(Files.newInputStream(tar)))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }

    private static JsonNode read(Map<String, byte[]> files, String name) {
        return JsonMapper.shared().readTree(files.getOrDefault(name, new byte[0]));
    }

    private static List<TarArchiveEntry> apply(byte[] layer) throws IOException {
        List<TarArchiveEntry> entries = new ArrayList<>();
        boolean root = System.getProperty("user.name").equals("root");
        try (InputStream bytes = new GZIPInputStream(new ByteArrayInputStream(layer));
                TarArchiveInputStream in = new TarArchiveInputStream(bytes)) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.add(entry);
                Path file = ROOT.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                }
                if (root) {
                    Files.setAttribute(file, "unix:uid", Math.toIntExact(entry.getLongUserId()));
                    Files.setAttribute(file, "unix:gid", Math.toIntExact(entry.getLongGroupId()));
                }
                Files.setAttribute(file, "unix:mode", entry.getMode() & 07777);
                Files.setLastModifiedTime(file, FileTime.from(entry.getLastModifiedTime().toInstant()));
            }
        }
        return entries;
    }

    /** What the image says about itself: user, entry point, labels. */
    JsonNode config() {
        return config.required("config");
    }

    List<String> layerNames() {
        return StreamSupport.stream(config.required("history").spliterator(), false)
                .map(layer -> layer.required("comment").stringValue()).toList();
    }

    /** The files of each layer, from the lowest to the highest. */
    List<List<TarArchiveEntry>> layers() {
        return layers;
    }

    List<TarArchiveEntry> entries() {
        return layers.stream().flatMap(List::stream).toList();
    }

    List<String> entrypoint() {
        return strings(config().required("Entrypoint"));
    }

    static List<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::stringValue).toList();
    }

    /** A place in which gates of the image can run: volumes, the user, the environment. */
    record Place(Path data, Path configuration, int user, int group, Map<String, String> environment) {
        static Place in(Path folder) throws IOException {
            return new Place(Files.createDirectories(folder.resolve("data")),
                    Files.createDirectories(folder.resolve("config")), ImageRoot.USER, ImageRoot.USER, Map.of());
        }

        Place as(int anotherUser, int anotherGroup) {
            return new Place(data, configuration, anotherUser, anotherGroup, environment);
        }

        Place with(String variable, String value) {
            return new Place(data, configuration, user, group, Map.of(variable, value));
        }
    }

    /** Starts a gate as the image says, on free ports. */
    ChildGate start(Place place, String... arguments) throws IOException {
        return start(entrypoint(), place, arguments);
    }

    /** Starts a gate with another command than that of the image. */
    ChildGate start(List<String> program, Place place, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(program);
        all.addAll(List.of("--server.port=0", "--management.server.port=0",
                // A busy machine is no outage.
                "--postern.store.command-timeout=2s", "--postern.store.management.command-timeout=5s"));
        all.addAll(List.of(arguments));
        return new ChildGate(process(place, all));
    }

    private ProcessBuilder process(Place place, List<String> program) throws IOException {
        if (System.getProperty("user.name").equals("root")) {
            Files.setAttribute(place.data(), "unix:uid", place.user());
        }
        List<String> command = new ArrayList<>(
                List.of(ENTER, ROOT.toString(), Integer.toString(place.user()), Integer.toString(place.group()),
                        place.data().toAbsolutePath().toString(), place.configuration().toAbsolutePath().toString()));
        command.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        for (String variable : strings(config().required("Env"))) {
            int equals = variable.indexOf('=');
            builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        builder.environment().putAll(place.environment());
        return builder;
    }

    /** Skips the test if this machine does not let programs run in a root file system of their own. */
    void assumeItCanBeEntered(Path folder) throws Exception {
        Place place = Place.in(folder);
        ScriptRun run = ScriptRun.of(Map.of(), Duration.ofSeconds(30),
                process(place, List.of("/opt/java/bin/java", "-version")).command());
        assumeTrue("true".equals(System.getenv("CI")) || run.status() == 0,
                () -> "skipped, as namespaces are not allowed here: " + run.text());
    }

    /** Stops a gate as an engine does: with SIGTERM for its process 1. */
    static int stop(ChildGate gate) {
        ProcessHandle.of(gate.pid()).orElseThrow().children().forEach(ProcessHandle::destroy);
        return gate.awaitEnd();
    }
}
