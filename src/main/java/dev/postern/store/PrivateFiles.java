package dev.postern.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes files that only their owner can read: mode 0600 from the first byte on. */
public final class PrivateFiles {
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private PrivateFiles() {}

    /**
     * Creates a new file, complete or not at all, and its parent directories.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     */
    public static void create(Path file, String text) throws IOException {
        Path folder = folderOf(file);
        Files.createDirectories(folder);
        Path draft = folder.resolve("." + file.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(draft);
        write(draft, text);
        try {
            // A link fails if the file exists; a move would replace it.
            Files.createLink(file, draft);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Creates a directory that only its owner can read, and its parents. */
    static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folderOf(folder));
        if (Files.isDirectory(folder)) {
            return;
        }
        if (POSIX) {
            Files.createDirectory(folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(folder);
        }
    }

    /** Creates the file, or replaces it atomically. */
    public static void replace(Path file, String text) throws IOException {
        Path folder = folderOf(file);
        Files.createDirectories(folder);
        Path draft = folder.resolve("." + file.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(draft);
        write(draft, text);
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " is not a file");
        }
        return folder;
    }

    private static void write(Path file, String text) throws IOException {
        FileAttribute<?>[] mode = POSIX
                ? new FileAttribute<?>[]{
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        try (SeekableByteChannel channel = Files.newByteChannel(file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
