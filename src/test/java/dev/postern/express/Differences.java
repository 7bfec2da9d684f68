package dev.postern.express;

import dev.postern.express.Exchange.Ask;
import dev.postern.express.Exchange.Ending;
import dev.postern.express.Exchange.Kind;
import dev.postern.express.Exchange.Step;
import dev.postern.express.LaneBackend.Arrived;
import dev.postern.express.LaneClient.Answer;
import dev.postern.express.LaneClient.Answers;
import dev.postern.express.LaneClient.Seen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what was seen at the two gates. The two lanes may differ in the following, and in nothing else:
 *
 * <ul>
 * <li>The case and the order of header names, and the boundaries of chunks: they have no meaning.
 * <li>Values that are new for each call: {@code Date} where the backend sent none, request IDs, and {@code Retry-After}.
 * <li>{@code Host} for the backend: each gate has its own backends.
 * <li>How much of an incomplete request arrives at the backend: it depends on when the gate notices the failure. The
 * request must not look complete.
 * <li>How often a call arrives at the backend if its connection broke off and it may therefore be repeated: it depends
 * on which connection was idle.
 * <li>How much of a broken response arrives at the client, and whether a 502 replaces it if its beginning and its fault
 * arrived together: this depends on how the bytes were read, and so do the meters and what follows on the connection.
 * The response must not look complete.
 * <li>What happens to the calls of a client that goes away: it depends on what the gate notices first. The chain may count
 * such a call as a failure of its backend.
 * <li>Whether a request with broken framing is answered with 400 or by closing the connection: in the chain it
 * depends on whether the fault is read before the call has begun. This also decides whether one call more is counted
 * as failed, and why.
 * <li>Whether the connection closes after an answer to {@code Expect: 100-continue} whose status is not 2xx: the server
 * of the chain, which answers these calls on both gates, closes it if it has not read the end of the request.
 * <li>Whether the connection closes with the answer to a GET or HEAD with a broken body, or after it: the chain answers
 * without reading the body.
 * <li>Whether the backend gets a request that stays unanswered because a request pipelined behind it is broken: the
 * chain ends the connection as soon as it reads the fault.
 * <li>Which part of a response is lost if its connection is reset after it.
 * <li>A 205 with a body, which no backend may send: the chain fails while it writes the body. Not tried here.
 * </ul>
 */
final class Differences {
    private static final Pattern REQUEST_ID = Pattern.compile("\"request_id\":\"[^\"]*\"");

    private final Exchange exchange;
    private final List<String> found = new ArrayList<>();
    /** Whether a permitted difference makes the rest of the exchange incomparable. */
    private boolean parted;
    private boolean metersCompared;

    private Differences(Exchange exchange) {
        this.exchange = exchange;
    }

    static Differences between(Exchange exchange, Seen chain, Seen lane) {
        Differences differences = new Differences(exchange);
        differences.compare(chain, lane);
        return differences;
    }

    List<String> found() {
        return found;
    }

    boolean parted() {
        return parted;
    }

    /**
     * Compares what the meters have counted.
     *
     * @param late whether the meters may count only now what an earlier exchange has caused
     */
    boolean metersDiffer(Map<String, Double> chain, Map<String, Double> lane, boolean late) {
        if (parted || late || exchange.has(Kind.BROKEN_OFF) || hasBrokenBodyThatIsDropped()) {
            return false;
        }
        metersCompared = true;
        Map<String, Double> chainCounts = new TreeMap<>(chain);
        Map<String, Double> laneCounts = new TreeMap<>(lane);
        double blamed = exchange.has(Kind.BROKEN) ? Math.abs(takeFailed(chainCounts) - takeFailed(laneCounts)) : 0;
        return blamed > 1 || !chainCounts.equals(laneCounts);
    }

    /** Whether the meters were compared, rather than left out for a reason above. */
    boolean hasComparedMeters() {
        return metersCompared;
    }

    private boolean hasBrokenBodyThatIsDropped() {
        return exchange.steps().stream().flatMap(step -> step.asks().stream())
                .anyMatch(ask -> ask.kind() == Kind.BROKEN && dropsBodies(ask));
    }

    /** Removes the calls that have failed, for whatever reason, and returns how many they were. */
    private static double takeFailed(Map<String, Double> counts) {
        double failed = counts.entrySet().stream().filter(count -> count.getKey().startsWith("failed"))
                .mapToDouble(Map.Entry::getValue).sum();
        counts.keySet().removeIf(tags -> tags.startsWith("failed"));
        return failed;
    }

    private void compare(Seen chain, Seen lane) {
        for (int i = 0; i < Math.max(chain.answers().size(), lane.answers().size()) && !parted; i++) {
            Step step = exchange.steps().get(i);
            if (i >= chain.answers().size() || i >= lane.answers().size()) {
                differ("step " + i, i < chain.answers().size() ? "happened" : "was impossible",
                        i < lane.answers().size() ? "happened" : "was impossible");
                return;
            }
            compare("step " + i, step, chain.answers().get(i), lane.answers().get(i));
            int answered = step.asks().getLast().kind() == Kind.BROKEN
                    ? Math.min(chain.answers().get(i).all().size(), lane.answers().get(i).all().size())
                    : step.asks().size();
            for (Ask ask : step.breaksOff() || parted ? List.<Ask>of() : step.asks().subList(0, answered)) {
                compareArrived(ask, chain.arrived().getOrDefault(ask.id(), List.of()),
                        lane.arrived().getOrDefault(ask.id(), List.of()));
            }
        }
    }

    private void compare(String where, Step step, Answers chain, Answers lane) {
        int count = Math.min(chain.all().size(), lane.all().size());
        for (int i = 0; i < count && !parted; i++) {
            compare(where + " answer " + i, step.asks().get(i), step.breaksOff(), chain.all().get(i),
                    lane.all().get(i));
        }
        if (parted) {
            return;
        }
        if (step.asks().size() > 1 && step.asks().getLast().kind() == Kind.BROKEN
                && chain.all().size() != lane.all().size()) {
            parted = true;
            return;
        }
        boolean mayBeUnanswered = step.breaksOff()
                || (step.asks().getLast().kind() == Kind.BROKEN && count == step.asks().size() - 1);
        if (!mayBeUnanswered && chain.all().size() != lane.all().size()) {
            differ(where + " number of answers", chain.all().size() + " " + lines(chain),
                    lane.all().size() + " " + lines(lane));
        }
        Ask last = step.asks().getLast();
        if (chain.closed() != lane.closed() && last.kind() == Kind.BROKEN && dropsBodies(last)) {
            parted = true;
            return;
        }
        if (chain.closed() != lane.closed()) {
            differ(where + " closed", chain.closed(), lane.closed());
        }
        // If a HEAD cannot be decoded, its method is lost, and its refusal has a body. That body may be lost, too, if
        // the connection of the client is reset.
        boolean ofHead = count > 0 && step.asks().get(count - 1).method().equals("HEAD");
        if (!ofHead || !(chain.rest().isEmpty() || lane.rest().isEmpty())) {
            equal(where + " bytes after the answers", withoutId(chain.rest()), withoutId(lane.rest()));
        }
    }

    private static List<String> lines(Answers answers) {
        return answers.all().stream().map(Answer::line).toList();
    }

    private void compare(String where, Ask ask, boolean uncertain, Answer chain, Answer lane) {
        boolean broken = !ask.reply().whole() || ask.reply().ending() == Ending.RESET;
        if (uncertain && !(chain.whole() && lane.whole())) {
            parted = true;
            return;
        }
        if (broken && chain.whole() != lane.whole()) {
            Answer present = chain.whole() ? chain : lane;
            if (ask.reply().whole() || present.line().startsWith("HTTP/1.1 502 ")) {
                parted = true;
                return;
            }
        }
        if ((expectsContinue(ask) || (ask.kind() == Kind.BROKEN && dropsBodies(ask)))
                && isLast(chain) != isLast(lane)) {
            parted = true;
            return;
        }
        equal(where + " interim", chain.interim(), lane.interim());
        equal(where + " status", chain.line(), lane.line());
        equal(where + " whole", chain.whole(), lane.whole());
        equalHeaders(where, headers(chain, ask), headers(lane, ask));
        byte[] chainBody = body(chain);
        byte[] laneBody = body(lane);
        if (broken && !(isSeenWhole(chain) && isSeenWhole(lane))) {
            int common = Math.min(chainBody.length, laneBody.length);
            chainBody = Arrays.copyOf(chainBody, common);
            laneBody = Arrays.copyOf(laneBody, common);
        }
        if (!Arrays.equals(chainBody, laneBody)) {
            differ(where + " body of " + chainBody.length + "/" + laneBody.length, Exchange.abbreviated(chainBody),
                    Exchange.abbreviated(laneBody));
        }
    }

    /** Whether the response says itself where it ends, and does not only end with the connection. */
    private static boolean isSeenWhole(Answer answer) {
        return answer.whole() && (answer.headers().containsKey("content-length")
                || answer.headers().containsKey("transfer-encoding"));
    }

    private static boolean expectsContinue(Ask ask) {
        return new String(ask.bytes(), StandardCharsets.ISO_8859_1).contains("\r\nExpect:");
    }

    private static boolean isLast(Answer answer) {
        return answer.headers().getOrDefault("connection", List.of()).contains("close");
    }

    private static Map<String, List<String>> headers(Answer answer, Ask ask) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers());
        String sent = ask.reply().parts().stream().map(part -> new String(part, StandardCharsets.ISO_8859_1))
                .reduce("", String::concat);
        if (headers.containsKey("date") && headers.get("date").size() == 1
                && !sent.contains(headers.get("date").getFirst())) {
            headers.put("date", List.of("now"));
        }
        if (headers.containsKey("retry-after") && answer.line().contains(" 503 ")) {
            headers.put("retry-after", List.of("soon"));
        }
        return headers;
    }

    private static byte[] body(Answer answer) {
        String type = String.join(",", answer.headers().getOrDefault("content-type", List.of()));
        return type.equals("application/problem+json")
                ? withoutId(new String(answer.body(), StandardCharsets.ISO_8859_1))
                        .getBytes(StandardCharsets.ISO_8859_1)
                : answer.body();
    }

    private static String withoutId(String problem) {
        return REQUEST_ID.matcher(problem).replaceAll("\"request_id\":\"\"");
    }

    private void compareArrived(Ask ask, List<Arrived> chain, List<Arrived> lane) {
        Set<Map<String, String>> chainSet = complete(chain);
        Set<Map<String, String>> laneSet = complete(lane);
        boolean repeatable = !ask.reply().whole() || ask.reply().ending() != Ending.KEPT;
        if (!repeatable && (ask.kind() == Kind.WHOLE || !dropsBodies(ask))) {
            equal(ask.id() + " arrivals", chain.stream().filter(Arrived::whole).count(),
                    lane.stream().filter(Arrived::whole).count());
        }
        if (ask.kind() != Kind.WHOLE && !dropsBodies(ask) && chainSet.isEmpty() != laneSet.isEmpty()) {
            differ(ask.id() + " looks complete to the backend", !chainSet.isEmpty(), !laneSet.isEmpty());
        }
        if (ask.kind() != Kind.WHOLE || chainSet.equals(laneSet)) {
            return;
        }
        if (chainSet.size() == 1 && laneSet.size() == 1) {
            Map<String, String> one = chainSet.iterator().next();
            Map<String, String> other = laneSet.iterator().next();
            Set<String> names = new TreeSet<>(one.keySet());
            names.addAll(other.keySet());
            for (String name : names) {
                equal(ask.id() + " at the backend, " + name, one.get(name), other.get(name));
            }
        } else {
            differ(ask.id() + " at the backend", chainSet, laneSet);
        }
    }

    /** The chain forwards a GET or HEAD without waiting for its body. */
    private static boolean dropsBodies(Ask ask) {
        return ask.method().equals("GET") || ask.method().equals("HEAD");
    }

    private static Set<Map<String, String>> complete(List<Arrived> arrived) {
        Set<Map<String, String>> complete = new LinkedHashSet<>();
        for (Arrived request : arrived) {
            if (request.whole()) {
                Map<String, String> parts = new LinkedHashMap<>();
                parts.put("line", request.line());
                request.headers().forEach((name, values) -> parts.put("header " + name, switch (name) {
                    case "host" -> values.size() + " of the backend";
                    case "x-postern-request-id" -> values.size() + " new";
                    default -> values.toString();
                }));
                parts.put("body", Exchange.abbreviated(request.body()) + " " + Arrays.hashCode(request.body()));
                complete.add(parts);
            }
        }
        return complete;
    }

    private void equalHeaders(String where, Map<String, List<String>> chain, Map<String, List<String>> lane) {
        Set<String> names = new TreeSet<>(chain.keySet());
        names.addAll(lane.keySet());
        for (String name : names) {
            equal(where + " header " + name, chain.get(name), lane.get(name));
        }
    }

    private void equal(String where, @Nullable Object chain, @Nullable Object lane) {
        if (!Objects.equals(chain, lane)) {
            differ(where, chain, lane);
        }
    }

    private void differ(String where, @Nullable Object chain, @Nullable Object lane) {
        found.add(where + "\n    chain: " + chain + "\n    lane:  " + lane);
    }
}
