package dev.postern.express;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happens on one connection of a client: the steps follow one another, the requests of a step are pipelined. */
record Exchange(List<Step> steps) {
    /**
     * @param cuts where the bytes of the step are cut into several writes, ascending
     */
    record Step(List<Ask> asks, List<Integer> cuts) {
        byte[] bytes() {
            byte[] all = new byte[asks.stream().mapToInt(ask -> ask.bytes().length).sum()];
            int at = 0;
            for (Ask ask : asks) {
                System.arraycopy(ask.bytes(), 0, all, at, ask.bytes().length);
                at += ask.bytes().length;
            }
            return all;
        }

        /** Whether the connection may close after one of the requests. */
        boolean asksToClose() {
            return asks.stream()
                    .map(ask -> new String(ask.bytes(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT))
                    .anyMatch(text -> text.contains("connection: close") || text.contains("\r\nexpect:")
                            || text.contains(" http/1.0\r\n"));
        }

        /** Whether the client goes away in the middle of the last request. */
        boolean breaksOff() {
            return asks.getLast().kind() == Kind.BROKEN_OFF;
        }
    }

    /** Whether the gate may notice only after the client has its answers how some of the calls ended. */
    boolean endsLate() {
        return has(Kind.BROKEN_OFF) || has(Kind.BROKEN) || steps.stream().flatMap(step -> step.asks().stream())
                .anyMatch(ask -> !ask.reply().whole() || ask.reply().ending() == Ending.RESET);
    }

    boolean has(Kind kind) {
        return steps.stream().flatMap(step -> step.asks().stream()).anyMatch(ask -> ask.kind() == kind);
    }

    /** How a request ends. */
    enum Kind {
        WHOLE,
        /** Its framing is broken: the gate closes the connection. */
        BROKEN,
        /** Its client goes away before its end. */
        BROKEN_OFF
    }

    /** A request, and what the backend answers if it gets there. */
    record Ask(String id, String method, byte[] bytes, Kind kind, Reply reply) {
        @Override
        public String toString() {
            return "  > " + kind + " " + abbreviated(bytes) + "\n  < " + reply;
        }
    }

    /**
     * An answer of the backend.
     *
     * @param early  whether it is written before the body of the request is read
     * @param parts  the parts of the answer, which are written one after another
     * @param ending what happens to the connection then
     * @param whole  whether the response is complete and valid
     */
    record Reply(boolean early, List<byte[]> parts, Ending ending, boolean whole) {
        @Override
        public String toString() {
            return (early ? "early " : "") + ending + (whole ? " " : " bad ")
                    + parts.stream().map(Exchange::abbreviated).collect(Collectors.joining("|"));
        }
    }

    /** What the backend does to its connection after an answer. */
    enum Ending {
        KEPT, CLOSED, RESET
    }

    /** The bytes as text, in which the ends of lines can be seen. */
    static String abbreviated(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("\r", "\\r").replace("\n", "\\n");
        return text.length() <= 400
                ? text
                : text.substring(0, 300) + "..." + text.length() + "..."
                        + text.substring(text.length() - 60);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            text.append("step, cut at ").append(step.cuts()).append('\n');
            step.asks().forEach(ask -> text.append(ask).append('\n'));
        }
        return text.toString();
    }
}
