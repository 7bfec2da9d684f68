package dev.postern.store;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who this gate is among those that share a Redis.
 *
 * @param id      of this run
 * @param name    of the machine
 * @param version of the program
 */
public record GateIdentity(String id, String name, String version, Instant started) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String UNKNOWN = "unknown";

    /** @param program where the version stands, if it was built as a whole */
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
     * What it says of itself.
     *
     * @param known up to which change of the log it knows them all
     */
    String record(ChangeView view, String log, long known) {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", 1).put("name", name).put("version", version)
                .put("started", started.toEpochMilli()).put("state", view.state().word()).put("log", log)
                .put("known", known)
                .put("grace", view.longestGrace().toMillis()));
    }
}
