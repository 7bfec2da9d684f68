package dev.postern.store;

import java.nio.file.Path;

/**
 * Where the gate keeps its files: {@code postern.data-dir}.
 *
 * @param path the directory; created when it is needed
 */
public record DataDirectory(Path path) {
    public Path resolve(String name) {
        return path.resolve(name);
    }
}
