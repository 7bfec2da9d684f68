package dev.postern.loadtest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Starts the backend and all contestants, gives them the same rules, and stops them again. */
final class Field implements AutoCloseable {
    private static final String NO_CREDENTIAL = "";
    private static final List<String> JVM = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseCompactObjectHeaders", "-Xms512m", "-Xmx512m");

    private final WorkFolder folder;
    private final Options options;
    private final Progress progress;
    private final List<Contestant> contestants = new ArrayList<>();
    private final List<Wrk.Identity> many = new ArrayList<>();
    private final int backend = Server.freePort();
    private final RSAKey signing;

    private Field(Path folder, Options options, Progress progress) {
        this.folder = new WorkFolder(folder);
        this.options = options;
        this.progress = progress;
        try {
            this.signing = new RSAKeyGenerator(2048).generate();
        } catch (JOSEException failed) {
            throw new Failure("cannot make a key pair", failed);
        }
    }

    static Field start(Path folder, Options options, Progress progress) {
        Field field = new Field(folder, options, progress);
        try {
            field.startAll();
            return field;
        } catch (IOException failed) {
            field.close();
            throw new Failure("cannot prepare the contestants", failed);
        } catch (RuntimeException failed) {
            field.close();
            throw failed;
        }
    }

    List<Contestant> contestants() {
        return contestants;
    }

    List<Wrk.Identity> many() {
        return many;
    }

    private void startAll() throws IOException {
        folder.certificate();
        String publicPem = pem();
        Files.writeString(folder.resolve("jwt.pub.pem"), publicPem);
        progress.say("Starting the backend");
        folder.nginx("backend", backend, Map.of("backend", backend));
        Set<Scenario> plain = EnumSet.allOf(Scenario.class);
        plain.remove(Scenario.TLS);
        contestants.add(new Contestant("backend itself", folder.last(), backend, 0, "", "", "", "", false,
                EnumSet.of(Scenario.GET, Scenario.UPLOAD, Scenario.CONNECT, Scenario.SLOW, Scenario.STREAMS)));

        progress.say("Starting Postern, with and without the express lane");
        Gate express = gate("express", true, false);
        Postern.Credentials credentials = express.setup().prepare(signing, publicPem);
        if (options.scenarios().contains(Scenario.MANY)) {
            many.addAll(express.setup().many(options.keys(), progress));
        }
        Gate tls = options.scenarios().contains(Scenario.TLS) ? gate("express-tls", true, true) : null;
        Gate chain = gate("chain", false, false);
        Postern.Credentials ofChain = chain.setup().prepare(signing, publicPem);
        rules(credentials);
        peers();

        Set<Scenario> getOnly = EnumSet.of(Scenario.GET);
        contestants.add(postern("Postern express, API key", express, 0, "api-key", credentials.apiKey(),
                credentials.streamKey(), "made-up-key-of-", plain));
        contestants.add(postern("Postern express, static token", express, 0, "Authorization",
                "Bearer " + credentials.staticToken(), "", "Bearer made-up-token-", getOnly));
        contestants.add(postern("Postern express, JWT RS256", express, 0, "Authorization", "Bearer "
                + credentials.jwt(), "", "Bearer " + spoilt(credentials.jwt()), getOnly));
        contestants.add(postern("Postern express, RSA token", express, 0, "Authorization",
                "Bearer " + credentials.rsaToken(), "", "Bearer " + spoilt(credentials.rsaToken()), getOnly));
        if (tls != null) {
            Postern.Credentials ofTls = tls.setup().prepare(signing, publicPem);
            contestants.add(postern("Postern express, API key (TLS)", tls, tls.port(), "api-key", ofTls.apiKey(),
                    ofTls.streamKey(), "made-up-key-of-", EnumSet.of(Scenario.TLS)));
        }
        Set<Scenario> ofTheChain = EnumSet.copyOf(plain);
        ofTheChain.remove(Scenario.MANY);
        ofTheChain.remove(Scenario.FLOOD);
        contestants.add(postern("Postern chain, API key", chain, 0, "api-key", ofChain.apiKey(), ofChain.streamKey(),
                "made-up-key-of-", ofTheChain));
        contestants.add(postern("Postern chain, JWT RS256", chain, 0, "Authorization", "Bearer " + ofChain.jwt(), "",
                "Bearer " + spoilt(ofChain.jwt()), getOnly));
        contestants.removeIf(each -> each.scenarios().stream().noneMatch(options.scenarios()::contains));
    }

    private static Contestant postern(String name, Gate gate, int tlsPort, String header, String good, String streams,
            String bad, Set<Scenario> scenarios) {
        return new Contestant(name, gate.server(), gate.port(), tlsPort, header, good, streams, bad, true, scenarios);
    }

    /** Writes the same rules for nginx, its Redis, and HAProxy. */
    private void rules(Postern.Credentials credentials) throws IOException {
        StringBuilder lines = new StringBuilder();
        lines.append(credentials.apiKey()).append(" bench lamp *\n");
        lines.append(credentials.streamKey()).append(" bench lamp temp,hum\n");
        for (int i = 0; i < many.size();) {
            String key = many.get(i).key();
            StringBuilder devices = new StringBuilder(many.get(i++).device());
            while (i < many.size() && many.get(i).key().equals(key)) {
                devices.append(',').append(many.get(i++).device());
            }
            lines.append(key).append(" many ").append(devices).append(" *\n");
        }
        Files.writeString(folder.resolve("rules.txt"), lines);
        Files.writeString(folder.resolve("rules.map"), credentials.apiKey() + " lamp\n");
    }

    private void peers() throws IOException {
        progress.say("Starting nginx, Redis and HAProxy");
        Set<Scenario> withoutKeys = EnumSet.complementOf(EnumSet.of(Scenario.DENIALS, Scenario.REFUSALS, Scenario.FLOOD));
        int bare = Server.freePort();
        int bareTls = Server.freePort();
        folder.nginx("nginx", bare, Map.of("backend", backend, "port", bare, "tls", bareTls));
        contestants.add(new Contestant("nginx, no check", folder.last(), bare, bareTls, "", "", "", NO_CREDENTIAL, false,
                withoutKeys));

        int redis = redis("redis");
        folder.fill(redis);
        int cached = Server.freePort();
        int luaTls = Server.freePort();
        int asking = Server.freePort();
        Files.writeString(folder.resolve("check.lua"), WorkFolder.resource("conf/check.lua"));
        folder.nginx("nginx-lua", cached, Map.of("backend", backend, "port", cached, "tls", luaTls, "second", asking, "redis",
                redis, "lua", folder.path()));
        Server lua = folder.last();
        String key = Files.readAllLines(folder.resolve("rules.txt")).get(0).split(" ", -1)[0];
        String streamKey = Files.readAllLines(folder.resolve("rules.txt")).get(1).split(" ", -1)[0];
        contestants.add(new Contestant("nginx + Lua, rules in memory", lua, cached, luaTls, "api-key", key, streamKey,
                "made-up-key-of-", true, EnumSet.allOf(Scenario.class)));
        contestants.add(new Contestant("nginx + Lua, asks Redis", lua, asking, 0, "api-key", key, streamKey,
                "made-up-key-of-", true, EnumSet.of(Scenario.GET, Scenario.REFUSALS, Scenario.FLOOD)));

        int map = Server.freePort();
        int jwt = Server.freePort();
        Path config = folder.resolve("haproxy.cfg");
        Files.writeString(config, WorkFolder.fill(WorkFolder.resource("conf/haproxy.cfg"), Map.of("backend", backend, "port", map, "second",
                jwt, "dir", folder.path())));
        Server haproxy = folder.start("haproxy", map, List.of("haproxy", "-f", config.toString()));
        String token = Postern.sign(signing, "k", "\"sub\":\"u1\",\"device\":\"lamp\"");
        contestants.add(new Contestant("HAProxy, map of keys", haproxy, map, 0, "api-key", key, "", "made-up-key-of-",
                true, EnumSet.of(Scenario.GET, Scenario.REFUSALS)));
        contestants.add(new Contestant("HAProxy, JWT RS256", haproxy, jwt, 0, "Authorization", "Bearer " + token, "",
                "Bearer " + spoilt(token), true, EnumSet.of(Scenario.GET)));
        javaPeers(token);
    }

    private void javaPeers(String token) {
        progress.say("Starting Spring Cloud Gateway and Vert.x");
        String classpath = System.getProperty("java.class.path");
        Set<Scenario> some = EnumSet.of(Scenario.GET, Scenario.UPLOAD, Scenario.SLOW, Scenario.POINTS);
        for (boolean checked : new boolean[]{false, true}) {
            int port = Server.freePort();
            List<String> command = new ArrayList<>(JVM);
            command.addAll(List.of("-cp", checked ? classpath : without(classpath, "spring-security", "spring-boot-security",
                    "oauth2"), "dev.postern.loadtest.peers.GatewayApplication", "--server.port=" + port,
                    "--server.address=127.0.0.1", "--checked=" + checked, "--backend=http://127.0.0.1:" + backend,
                    "--spring.security.oauth2.resourceserver.jwt.public-key-location=file:"
                            + folder.resolve("jwt.pub.pem")));
            Server server = folder.start(checked ? "gateway-security" : "gateway", port, command);
            contestants.add(checked
                    ? new Contestant("Spring Cloud Gateway + Security, RS256", server, port, 0, "Authorization",
                            "Bearer " + token, "", "Bearer " + spoilt(token), true, EnumSet.of(Scenario.GET))
                    : new Contestant("Spring Cloud Gateway, no check", server, port, 0, "", "", "", NO_CREDENTIAL,
                            false, some));
        }
        int port = Server.freePort();
        List<String> command = new ArrayList<>(JVM);
        command.addAll(List.of("-cp", classpath, "dev.postern.loadtest.peers.VertxProxy", "" + port, "" + backend));
        Server vertx = folder.start("vertx", port, command);
        contestants.add(new Contestant("Vert.x proxy, no check", vertx, port, 0, "", "", "", NO_CREDENTIAL, false,
                some));
    }

    private int redis(String name) {
        int port = Server.freePort();
        folder.start(name, port, List.of("redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no"));
        return port;
    }

    private static String without(String classpath, String... parts) {
        List<String> kept = new ArrayList<>();
        for (String entry : classpath.split(File.pathSeparator, -1)) {
            if (List.of(parts).stream().noneMatch(entry::contains)) {
                kept.add(entry);
            }
        }
        return String.join(File.pathSeparator, kept);
    }

    private record Gate(Server server, int port, Postern setup) {}

    private Gate gate(String name, boolean express, boolean secure) throws IOException {
        Path own = folder.resolve(name);
        Files.createDirectories(own.resolve("config"));
        Files.copy(Path.of("config", "application.yml"), own.resolve("config").resolve("application.yml"));
        int port = Server.freePort();
        int management = Server.freePort();
        // A Redis for this gate alone, which does not write to the disk. As with nginx, its time is not counted.
        int redis = redis("redis-" + name);
        List<String> command = new ArrayList<>(JVM);
        String gate = System.getenv("GATE_CLASSPATH");
        if (gate == null) {
            throw new Failure("GATE_CLASSPATH must have the jar or the class path of the gate; loadtest/compare sets it");
        }
        if (gate.endsWith(".jar") && !gate.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", Path.of(gate).toAbsolutePath().toString()));
        } else {
            command.addAll(List.of("-cp", gate, "dev.postern.PosternApplication"));
        }
        command.addAll(List.of("--server.port=" + port, "--management.server.port=" + management,
                "--server.address=127.0.0.1", "--postern.demo=false", "--postern.license.enabled=false",
                "--postern.express.enabled=" + express, "--postern.backend=http://127.0.0.1:" + backend,
                "--postern.operator-token=" + Postern.OPERATOR,
                "--spring.data.redis.host=127.0.0.1", "--spring.data.redis.port=" + redis,
                "--postern.secret-keys.create=true",
                "--postern.forwarding.max-connections=4096"));
        if (secure) {
            command.addAll(List.of("--server.ssl.certificate=file:" + folder.resolve("cert.pem"),
                    "--server.ssl.certificate-private-key=file:" + folder.resolve("key.pem"),
                    // Otherwise the management port has TLS, too.
                    "--management.server.ssl.enabled=false"));
        }
        // The management port is the last to open.
        Server server = folder.startIn(name, management, command);
        return new Gate(server, port, new Postern(management));
    }

    private String pem() {
        try {
            return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                    .encodeToString(signing.toPublicKey().getEncoded()) + "\n-----END PUBLIC KEY-----\n";
        } catch (JOSEException failed) {
            throw new Failure("cannot write the public key", failed);
        }
    }

    /** The beginning of a token whose end is missing. */
    private static String spoilt(String token) {
        return token.substring(0, token.length() - 8);
    }

    @Override
    public void close() {
        folder.close();
    }
}
