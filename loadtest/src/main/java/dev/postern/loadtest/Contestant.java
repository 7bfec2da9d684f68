package dev.postern.loadtest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A server that takes part in the comparison.
 *
 * @param name      for the tables
 * @param server    whose processor time is counted
 * @param port      of HTTP
 * @param tlsPort   of HTTPS; 0 for none
 * @param header    the header that carries the credential
 * @param good      a credential for the device {@code lamp}, without limits to data streams
 * @param streams   a credential for the data stream {@code temp} of {@code lamp}; empty for none
 * @param bad       what an unknown credential begins with; a number follows
 * @param checks    whether calls are checked at all
 * @param scenarios where it takes part
 */
record Contestant(String name, Server server, int port, int tlsPort, String header, String good, String streams,
        String bad, boolean checks, Set<Scenario> scenarios) {
    private static final List<String> JVM = List.of("Postern", "Spring", "Vert.x");

    /** Whether it runs on a JVM, and so becomes faster for a minute. */
    boolean isCompiledAsItRuns() {
        return JVM.stream().anyMatch(name::startsWith);
    }

    /** The headers of a call. */
    Map<String, String> headers(Scenario scenario) {
        Map<String, String> headers = new TreeMap<>();
        if (!header.isEmpty()) {
            headers.put(header, scenario == Scenario.POINTS && !streams.isEmpty() ? streams : good);
        }
        switch (scenario) {
            case POINTS, UPLOAD -> headers.put("Content-Type", "application/json");
            case CONNECT -> headers.put("Connection", "close");
            case SLOW -> headers.put("X-Slow", "1");
            case STREAMS -> headers.put("X-Stream", "1");
            case GET, REFUSALS, FLOOD, TLS, MANY, DENIALS -> {
            }
        }
        return headers;
    }

    /** The n-th unknown credential. */
    String bad(int number) {
        return bad.isEmpty() ? "" : bad + "%08d".formatted(number);
    }

    String address(Scenario scenario) {
        return scenario == Scenario.TLS ? "https://127.0.0.1:" + tlsPort : "http://127.0.0.1:" + port;
    }
}
