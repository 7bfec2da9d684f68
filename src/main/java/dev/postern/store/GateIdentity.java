package dev.postern.store;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;

/**
 * Identifies this gate among those that share a Redis.
 *
 * @param id      the ID of this run
 * @param name    the name of the machine
 * @param version the version of the program
 */
public record GateIdentity(String id, String name, String version, Instant started) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String UNKNOWN = "unknown";

    /** @param program a class whose package has the version, if it comes from a built JAR */
    public static GateIdentity of(Class<?> program, Instant started) {
        String version = program.getPackage().getImplementationVersion();
        return new GateIdentity(LogHead.newId(), machine(), version == null ? UNKNOWN : version, started);
    }

    private static String machine() {
        String pod = System.getenv("HOSTNAME");
        if (pod != null && !pod.isBlank()) {
            return pod;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return UNKNOWN;
        }
    }

    /**
     * The record that this gate writes about itself.
     *
     * @param known the number of the last change that it knows
     */
    String record(ChangeView view, String log, long known) {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", 1).put("name", name).put("version", version)
                .put("started", started.toEpochMilli()).put("state", view.state().word()).put("log", log)
                .put("known", known)
                .put("grace", view.longestGrace().toMillis()));
    }
}
