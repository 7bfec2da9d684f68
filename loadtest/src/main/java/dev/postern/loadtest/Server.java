package dev.postern.loadtest;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that serves calls, with the processes that it has started. */
final class Server implements AutoCloseable {
    private static final long START_LIMIT_MILLIS = 90_000;
    /** Ticks of the kernel's accounting per second, as on every Linux. */
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_TICKS = 11;

    private final String name;
    private final Process process;
    private final Path log;

    private Server(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failed) {
            throw new Failure("no free port", failed);
        }
    }

    /** Starts a process, and returns when it accepts connections on the port. */
    static Server start(String name, Path folder, int port, Map<String, String> environment, List<String> command) {
        try {
            Files.createDirectories(folder);
            Path log = folder.resolve(name + ".out");
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectInput(new File("/dev/null")).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            Server server = new Server(name, builder.start(), log);
            server.awaitPort(port);
            return server;
        } catch (IOException failed) {
            throw new Failure("cannot start " + name, failed);
        }
    }

    private void awaitPort(int port) {
        long limit = System.currentTimeMillis() + START_LIMIT_MILLIS;
        while (!accepts(port)) {
            if (!process.isAlive() || System.currentTimeMillis() > limit) {
                close();
                throw new Failure(name + " does not start; see " + log);
            }
            pause(50);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }

    /** The processor time that the process and its descendants have used, in seconds. */
    double cpu() {
        return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants())
                .mapToDouble(each -> cpu(each.pid())).sum();
    }

    private static double cpu(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1])) / TICKS_PER_SECOND;
        } catch (IOException _) {
            return 0;
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
