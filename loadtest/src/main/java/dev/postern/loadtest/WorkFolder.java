package dev.postern.loadtest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The folder with the files of all contestants, and the processes that were started in it. */
final class WorkFolder implements AutoCloseable {
    private final Path folder;
    private final List<Server> servers = new ArrayList<>();

    WorkFolder(Path folder) {
        this.folder = folder.toAbsolutePath();
        try {
            Files.createDirectories(this.folder);
        } catch (IOException failed) {
            throw new Failure("cannot make " + folder, failed);
        }
    }

    Path path() {
        return folder;
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Starts a process in a folder of its own within this one. */
    Server startIn(String name, int port, List<String> command) {
        Server server = Server.start(name, folder.resolve(name), port, Map.of(), command);
        servers.add(server);
        return server;
    }

    /** Starts nginx with a configuration from the resources. */
    void nginx(String name, int port, Map<String, Object> values) throws IOException {
        Map<String, Object> all = new HashMap<>(values);
        all.put("dir", folder);
        Path config = folder.resolve(name + ".conf");
        Files.writeString(config, fill(resource("conf/" + name + ".conf"), all));
        start(name, port, List.of("nginx", "-p", folder.toString(), "-e", folder.resolve(name + ".log").toString(), "-c",
                config.toString()));
    }

    /** Starts a process, which is stopped with the others. */
    Server start(String name, int port, List<String> command) {
        Server server = Server.start(name, folder, port, Map.of(), command);
        servers.add(server);
        return server;
    }

    /** The process that was started last. */
    Server last() {
        return servers.getLast();
    }

    /** Gives Redis the rules of nginx. */
    void fill(int redis) throws IOException {
        StringBuilder commands = new StringBuilder();
        for (String line : Files.readAllLines(folder.resolve("rules.txt"))) {
            commands.append("SET rule:").append(line.split(" ", -1)[0]).append(" \"").append(line).append("\"\n");
        }
        Path input = folder.resolve("redis.txt");
        Files.writeString(input, commands);
        run(input, "redis-cli", "-p", "" + redis);
    }

    /** A certificate for TLS, with an RSA key of 2048 bits like the other RSA keys. */
    void certificate() {
        run(Path.of("/dev/null"), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-keyout", folder.resolve("key.pem").toString(), "-out",
                folder.resolve("cert.pem").toString());
    }

    private void run(Path input, String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectInput(input.toFile()).redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new Failure(command[0] + " failed: " + text);
            }
        } catch (IOException failed) {
            throw new Failure("cannot run " + command[0], failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }

    static String resource(String name) throws IOException {
        try (InputStream in = WorkFolder.class.getResourceAsStream("/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Replaces the variables of a template. */
    static String fill(String template, Map<String, Object> values) {
        String text = template;
        for (Map.Entry<String, Object> value : values.entrySet()) {
            text = text.replace("${" + value.getKey() + "}", value.getValue().toString());
        }
        return text;
    }

    @Override
    public void close() {
        servers.reversed().forEach(Server::close);
    }
}
