package dev.postern.call;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The request log, one line of JSON for each call: {@code postern.request-log.*}.
 *
 * @param mode Which calls are logged: {@code off} for none, {@code denials} for those that are refused or fail, {@code
 *     sampled} for these and a part of the others, {@code all} for all.
 * @param sampleRate Which part of the other calls {@code sampled} logs; 0 to 1.
 * @param queue How many lines may wait to be written; 100 to 1000000. If more are waiting, lines are dropped and
 *     counted.
 */
public record RequestLogSettings(@DefaultValue("off") Mode mode, @DefaultValue("0.01") double sampleRate,
        @DefaultValue("10000") int queue) {
    private static final int LEAST = 100;
    private static final int MOST = 1_000_000;

    /** Which calls are logged. */
    public enum Mode {
        /** None. */
        OFF,
        /** Calls that are refused or fail. */
        DENIALS,
        /** These, and a part of the others. */
        SAMPLED,
        /** All. */
        ALL
    }

    public RequestLogSettings {
        // Written so that it is false for NaN.
        if (!(sampleRate >= 0 && sampleRate <= 1)) {
            throw new IllegalArgumentException(
                    "postern.request-log.sample-rate must be from 0 to 1, and is " + sampleRate);
        }
        if (queue < LEAST || queue > MOST) {
            throw new IllegalArgumentException(
                    "postern.request-log.queue must be from " + LEAST + " to " + MOST + ", and is " + queue);
        }
    }
}
