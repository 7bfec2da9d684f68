package dev.postern.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/**
 * Writes the image as a tar file, with Jib. The layers are ordered by how often they change, so that a new version of
 * the gate adds only the last two to a registry.
 */
final class ImageTar {
    private static final FilePermissions FOLDER = FilePermissions.fromOctalString("755");
    private static final FilePermissions PROGRAM = FilePermissions.fromOctalString("755");
    private static final FilePermissions FILE = FilePermissions.fromOctalString("644");
    /** Also for the group 0, which platforms give to a user that they choose themselves. */
    private static final FilePermissions WRITABLE = FilePermissions.fromOctalString("770");
    private static final Set<String> WRITABLE_FOLDERS = Set.of(ImageRoot.DATA, "tmp");

    private final ImageRoot root;
    private final ImageSettings settings;

    ImageTar(ImageRoot root, ImageSettings settings) {
        this.root = root;
        this.settings = settings;
    }

    void write(Path tar) throws IOException, InterruptedException {
        // LANG, because names of files may have any character.
        Map<String, String> environment = new TreeMap<>(
                Map.of("LANG", "C.UTF-8", "PATH", "/opt/java/bin", "JAVA_HOME", "/opt/java"));
        // Jib takes a layer from its cache if names and times of the files are the same, and here the times always are.
        Path caches = settings.target().resolve("image/jib");
        ImageRoot.delete(caches);
        try {
            JibContainerBuilder image = settings.fromScratch() ? Jib.fromScratch() : Jib.from(settings.base());
            image.setPlatforms(Set.of(new Platform(architecture(), "linux")))
                    .setCreationTime(settings.timestamp())
                    .setUser(ImageRoot.USER + ":" + ImageRoot.USER)
                    .setWorkingDirectory(AbsoluteUnixPath.get("/app"))
                    .setEntrypoint(settings.entrypoint())
                    .setProgramArguments(List.of())
                    .setEnvironment(environment)
                    .setExposedPorts(inOrder(Port.tcp(8080), Port.tcp(8081)))
                    .setVolumes(inOrder(AbsoluteUnixPath.get("/app/data"), AbsoluteUnixPath.get("/tmp")))
                    .setLabels(settings.labels())
                    .setFileEntriesLayers(layers())
                    .containerize(Containerizer.to(TarImage.at(tar).named(settings.name()))
                            .setApplicationLayersCache(caches.resolve("layers"))
                            .setBaseImageLayersCache(caches.resolve("base"))
                            .setOfflineMode(settings.fromScratch() || settings.base().startsWith("tar:"))
                            .setToolName("postern"));
        } catch (InvalidImageReferenceException wrong) {
            throw new IllegalArgumentException("image.base: " + wrong.getMessage(), wrong);
        } catch (ExecutionException | RegistryException | CacheDirectoryCreationException failed) {
            throw new IOException("Jib cannot write the image: " + failed.getMessage(), failed);
        }
    }

    /** Unlike {@code Set.of}, which has another order in each JVM, and would make another image. */
    private static <T> Set<T> inOrder(T first, T second) {
        return new LinkedHashSet<>(List.of(first, second));
    }

    private List<FileEntriesLayer> layers() throws IOException {
        List<FileEntriesLayer> layers = new ArrayList<>();
        layers.add(layer("system", inside -> !inside.startsWith("app") && !inside.startsWith("opt")));
        layers.add(layer("runtime", inside -> inside.startsWith("opt")));
        layers.add(layer("dependencies", inside -> inside.startsWith("app/lib") || inside.startsWith("app/native")));
        layers.add(layer("application", inside -> inside.startsWith("app") && !inside.startsWith("app/lib")
                && !inside.startsWith("app/native") && !inside.equals(Path.of(ImageRoot.AOT))));
        if (settings.trained()) {
            layers.add(layer("aot", inside -> inside.equals(Path.of(ImageRoot.AOT))));
        }
        return layers;
    }

    private FileEntriesLayer layer(String name, Predicate<Path> has) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (Path file : root.below("")) {
            Path inside = root.folder().relativize(file);
            if (has.test(inside)) {
                boolean writable = WRITABLE_FOLDERS.contains(inside.toString());
                layer.addEntry(file, AbsoluteUnixPath.get("/" + inside), writable ? WRITABLE : permissions(file),
                        settings.timestamp(), writable ? ImageRoot.USER + ":0" : "0:0");
            }
        }
        return layer.build();
    }

    private static FilePermissions permissions(Path file) {
        if (Files.isDirectory(file)) {
            return FOLDER;
        }
        return Files.isExecutable(file) ? PROGRAM : FILE;
    }

    private static String architecture() {
        String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return name.equals("aarch64") ? "arm64" : name;
    }
}
