package dev.postern.console;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * What a page shows of the receipt for a change: which gates have applied it. {@link Api} attaches it to the request of
 * each change, and {@link Page} shows what is attached, so every page after a change has it.
 *
 * @param change        identifies the change; empty if Redis could not tell
 * @param gates         the gates, by name
 * @param trouble       why nothing is known about the gates; empty if something is
 * @param lacksReplicas whether a replica of Redis has not confirmed the change
 * @param until         the Unix time, in seconds, at which the page stops looking again by itself
 * @param looking       whether the page looks again by itself
 */
record Receipt(String change, List<GateLine> gates, String trouble, boolean lacksReplicas, long until,
        boolean looking) {
    /** Longer than the default grace period, in which gates decide without Redis. */
    private static final Duration LOOKS_FOR = Duration.ofMinutes(6);
    private static final int NAMED = 5;
    private static final int SHORT_ID = 6;
    private static final String APPLIED = "applied";
    private static final String OUT_OF_GRACE = "out-of-grace";
    private static final String ATTRIBUTE = Receipt.class.getName();

    Receipt {
        gates = List.copyOf(gates);
    }

    /**
     * A gate.
     *
     * @param state {@code applied}, {@code waiting}, {@code unreachable} or {@code out-of-grace}
     * @param until until when an unreachable gate may decide without Redis; empty for others
     */
    record GateLine(String id, String name, String state, String until) {
        /** The sign of the state, for those who see it; the state is also said in words. */
        public String mark() {
            return switch (state) {
                case APPLIED -> "✓";
                case "waiting" -> "…";
                case "unreachable" -> "!";
                default -> "–";
            };
        }

        private boolean isMissing() {
            return !state.equals(APPLIED) && !state.equals(OUT_OF_GRACE);
        }
    }

    /**
     * Reads a receipt.
     *
     * @param json  as the API shows it
     * @param until the Unix time, in seconds, at which to stop looking; the page looks for six minutes at most
     */
    static Receipt read(Map<?, ?> json, Instant now, long until) {
        List<GateLine> gates = new ArrayList<>();
        each(json, "confirmed").forEach(gate -> gates.add(line(gate, APPLIED, "")));
        each(json, "missing").forEach(gate -> gates.add("silent".equals(gate.get("state"))
                ? line(gate, "unreachable", end(gate, now))
                : line(gate, "waiting", "")));
        each(json, "out_of_grace").forEach(gate -> gates.add(line(gate, OUT_OF_GRACE, "")));
        gates.sort(Comparator.comparing(GateLine::name).thenComparing(GateLine::id));
        long end = Math.min(until, now.plus(LOOKS_FOR).getEpochSecond());
        String change = text(json, "change");
        boolean waits = !change.isEmpty() && gates.stream().anyMatch(GateLine::isMissing);
        return new Receipt(change, gates, text(json, "trouble"), lacksReplicas(json), end,
                waits && now.getEpochSecond() < end);
    }

    /** The receipt of a change that Redis does not know. */
    static Receipt unknown(String why) {
        return new Receipt("", List.of(), why, false, 0, false);
    }

    /** Attaches the receipt in a reply, if there is one, to the request of the change. */
    static void attach(ServerRequest request, Map<String, Object> reply, Clock clock) {
        if (reply.get("receipt") instanceof Map<?, ?> json) {
            read(json, clock.instant(), Long.MAX_VALUE).attachTo(request);
        }
    }

    void attachTo(ServerRequest request) {
        request.attributes().put(ATTRIBUTE, this);
    }

    static Optional<Receipt> of(ServerRequest request) {
        return request.attribute(ATTRIBUTE).map(Receipt.class::cast);
    }

    /** The same receipt with this answer about replicas, which the API gives only in the reply to the change. */
    Receipt lackingReplicas(boolean lacking) {
        return new Receipt(change, gates, trouble, lacking, until, looking);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> each(Map<?, ?> json, String name) {
        return json.get(name) instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
    }

    private static String text(Map<?, ?> json, String name) {
        return json.get(name) instanceof String text ? text : "";
    }

    private static GateLine line(Map<String, Object> gate, String state, String until) {
        return new GateLine(text(gate, "id"), text(gate, "name"), state, until);
    }

    private static String end(Map<String, Object> gate, Instant now) {
        return gate.get("decides_for_seconds") instanceof Number seconds
                ? now.plusMillis((long) (seconds.doubleValue() * 1000)).truncatedTo(ChronoUnit.SECONDS).toString()
                : "";
    }

    private static boolean lacksReplicas(Map<?, ?> json) {
        return json.get("replicas") instanceof Map<?, ?> replicas && (!(replicas.get("confirmed") instanceof Number had)
                || had.intValue() < Math.max(count(replicas, "connected", 1), count(replicas, "expected", 0)));
    }

    private static int count(Map<?, ?> replicas, String name, int unknown) {
        return replicas.get(name) instanceof Number count ? count.intValue() : unknown;
    }

    /** Whether all gates that may decide have applied the change. */
    public boolean complete() {
        return trouble.isEmpty() && gates.stream().noneMatch(GateLine::isMissing);
    }

    /** How many gates have applied the change. */
    public long applied() {
        return gates.stream().filter(gate -> gate.state().equals(APPLIED)).count();
    }

    /** How many gates may decide. */
    public long deciding() {
        return gates.stream().filter(gate -> !gate.state().equals(OUT_OF_GRACE)).count();
    }

    /** The names of the gates that may decide without the change; of many, the first ones. */
    public String missing() {
        List<String> names = gates.stream().filter(GateLine::isMissing).map(this::label).toList();
        return names.stream().limit(NAMED).collect(Collectors.joining(", ")) + (names.size() > NAMED ? ", …" : "");
    }

    /** The name of a gate; with a part of its ID if another gate has the same name. */
    public String label(GateLine gate) {
        boolean unique = gates.stream().filter(other -> other.name().equals(gate.name())).count() == 1;
        return unique
                ? gate.name()
                : gate.name() + " " + gate.id().substring(0, Math.min(SHORT_ID, gate.id().length()));
    }

    /** A hash of the gates and their states. When it changes, the page is shown again. */
    public String seen() {
        return Integer.toHexString(gates.stream().map(gate -> gate.id() + " " + gate.state())
                .collect(Collectors.joining("\n")).hashCode());
    }

    /** How many seconds the script of the page keeps asking a gate that does not answer. */
    public long seconds() {
        return LOOKS_FOR.toSeconds();
    }
}
