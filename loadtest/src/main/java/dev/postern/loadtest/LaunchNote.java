package dev.postern.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a file that says where the JDK of the build is, and the class path: Maven knows both, and the shell does not.
 */
final class LaunchNote {
    private LaunchNote() {}

    public static void main(String[] arguments) throws IOException {
        Files.write(Path.of(arguments[0]), List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path")));
    }
}
