package dev.postern.reload;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * By what a change of settings files is noticed. On Kubernetes, the files of a ConfigMap are links into a folder that a
 * single rename replaces: their real path changes.
 */
record FileState(SortedMap<Path, Mark> marks) {
    /**
     * A file.
     *
     * @param real     where it really is, or why it cannot be found
     * @param modified its time of modification, in nanoseconds
     */
    record Mark(String real, long modified, long size) {
        private static Mark of(Path file) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                return new Mark(file.toRealPath() + " " + now.fileKey(),
                        now.lastModifiedTime().to(TimeUnit.NANOSECONDS), now.size());
            } catch (IOException missing) {
                return new Mark(missing.getClass().getName(), 0, 0);
            }
        }
    }

    /** The state of these files, and of those beside them that Spring Boot would also read. */
    static FileState of(Collection<Path> known) {
        Set<Path> folders = new TreeSet<>(Set.of(Path.of(""), Path.of("config")));
        SortedMap<Path, Mark> marks = new TreeMap<>();
        for (Path file : known) {
            marks.put(file, Mark.of(file));
            if (file.getParent() != null) {
                folders.add(file.getParent());
            }
        }
        folders.forEach(folder -> addAll(folder, marks));
        return new FileState(marks);
    }

    private static void addAll(Path folder, SortedMap<Path, Mark> marks) {
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(folder, "application*.{yml,yaml,properties}")) {
            beside.forEach(file -> marks.put(file, Mark.of(file)));
        } catch (IOException none) {
            // A folder that is not there has no files.
        }
    }

    Set<Path> files() {
        return marks.keySet();
    }
}
