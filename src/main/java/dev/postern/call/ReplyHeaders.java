package dev.postern.call;

import java.util.function.BiConsumer;

/** The headers that the gate adds to the responses of calls, as far as the operator has enabled them. */
public final class ReplyHeaders {
    private final boolean lane;

    ReplyHeaders(ExpressSettings settings) {
        this.lane = settings.responseHeader();
    }

    /**
     * Writes them.
     *
     * @param taken the way that the call took
     * @param to    takes a name and its value
     */
    public void write(Call call, Lane taken, BiConsumer<String, String> to) {
        String staleness = call.staleness();
        if (staleness != null) {
            to.accept(Staleness.HEADER, staleness);
        }
        if (lane) {
            to.accept(Lane.HEADER, taken.word());
        }
    }
}
