package dev.postern.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** The gate in {@code /app}: its jar, its libraries, and the flags of its JVM. */
final class Application {
    /**
     * Options that an operator may override with {@code JAVA_TOOL_OPTIONS}, one a line. Without the first, the JVM
     * would choose the serial collector in a container with less than two processors or 1.8 GB. UseCompressedOops
     * limits the heap to 32 GB where half of the memory is more, because the AOT cache is of no use to a larger one.
     */
    private static final String FLAGS = """
            +UseG1GC
            +UseCompressedOops
            MaxRAMPercentage=50
            +ExitOnOutOfMemoryError
            -UsePerfData
            """;
    private static final String NATIVE = "META-INF/native/";

    private final ImageRoot root;

    Application(ImageRoot root) {
        this.root = root;
    }

    void extract(Path jar) throws IOException, InterruptedException {
        Path app = root.path(ImageRoot.APP);
        Tool.run(List.of(Tool.ofTheJdk("java"), "-Djarmode=tools", "-jar", jar.toString(), "extract", "--force",
                "--destination", app.toString(), "--application-filename", "postern.jar"));
        Files.writeString(app.resolve("jvm.flags"), FLAGS);
        Files.createDirectories(app.resolve("native"));
        extractEpoll(app);
    }

    /** Netty would unpack its library into /tmp at each start, where it may not be allowed to load it. */
    private void extractEpoll(Path app) throws IOException {
        for (Path jar : root.below("app/lib")) {
            if (!jar.getFileName().toString().matches("netty-transport-native-epoll-.*-linux-.*\\.jar")) {
                continue;
            }
            try (JarFile file = new JarFile(jar.toFile())) {
                for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements();) {
                    JarEntry entry = entries.nextElement();
                    if (entry.getName().startsWith(NATIVE) && entry.getName().endsWith(".so")) {
                        try (InputStream library = file.getInputStream(entry)) {
                            Files.copy(library,
                                    app.resolve("native").resolve(entry.getName().substring(NATIVE.length())));
                        }
                    }
                }
            }
        }
    }
}
