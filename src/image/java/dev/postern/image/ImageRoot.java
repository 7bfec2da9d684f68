package dev.postern.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The root file system of the image while it is built, in a folder of the build. */
record ImageRoot(Path folder) {
    static final String JAVA = "opt/java";
    static final String APP = "app";
    /** The AOT cache. It is in a layer of its own, because no two trainings make the same bytes. */
    static final String AOT = "app/app.aot";
    /** What the gate writes is here, on a volume. */
    static final String DATA = "app/data";
    /** The user that the gate runs as. */
    static final int USER = 65532;

    static ImageRoot create(Path folder) throws IOException {
        delete(folder);
        for (String directory : List.of(APP, DATA, "app/config", "tmp")) {
            Files.createDirectories(folder.resolve(directory));
        }
        return new ImageRoot(folder);
    }

    Path path(String inside) {
        return folder.resolve(inside);
    }

    /** Everything below a folder, in a fixed order. */
    List<Path> below(String inside) throws IOException {
        try (Stream<Path> all = Files.walk(path(inside))) {
            return all.filter(file -> !file.equals(path(inside))).sorted().toList();
        }
    }

    /** The JVM does not use an AOT cache if the jars have another time than they had in the training. */
    void setTimes(Instant time) throws IOException {
        for (Path file : below("")) {
            if (!Files.isSymbolicLink(file)) {
                Files.setLastModifiedTime(file, FileTime.from(time));
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failed) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
