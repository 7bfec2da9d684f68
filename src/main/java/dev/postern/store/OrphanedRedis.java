package dev.postern.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis that a killed gate left behind in its data directory. It must stop before another one starts: two of them
 * on one append-only file would corrupt it. The operating system may have given its process ID to another process, so a
 * process is stopped only if it is recognized.
 */
final class OrphanedRedis {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedRedis.class);

    private final Path directory;
    private final Path pidFile;

    OrphanedRedis(Path directory, Path pidFile) {
        this.directory = directory;
        this.pidFile = pidFile;
    }

    void end() throws IOException {
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<ProcessHandle> orphan = parsePid(Files.readString(pidFile)).flatMap(ProcessHandle::of)
                .filter(this::isOurRedis);
        if (orphan.isPresent()) {
            LOG.info("Stopping the Redis that an earlier Postern left running in {}", directory);
            orphan.get().destroy();
            RedisServerProcess.awaitEnd(orphan.get());
        }
        Files.deleteIfExists(pidFile);
    }

    private static Optional<Long> parsePid(String text) {
        try {
            return Optional.of(Long.valueOf(text.strip()));
        } catch (NumberFormatException notAPid) {
            return Optional.empty();
        }
    }

    private boolean isOurRedis(ProcessHandle handle) {
        // Redis overwrites its arguments with its address, so only its working directory tells whose it is.
        boolean redis = handle.info().command().map(command -> command.contains("redis-server")).orElse(false);
        Path workingDirectory = Path.of("/proc", Long.toString(handle.pid()), "cwd");
        try {
            return redis && (!Files.exists(Path.of("/proc"))
                    || workingDirectory.toRealPath().equals(directory.toRealPath()));
        } catch (IOException unknown) {
            return false;
        }
    }
}
