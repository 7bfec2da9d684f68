package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The claims of a token, as it says them. */
public final class Claims {
    /** The last second of the year 9999. What is beyond was not given in seconds. */
    private static final double MAX_SECONDS = 253_402_300_799.0;
    private static final int MAX_VALUES = 1000;

    private final JsonNode json;

    private Claims(JsonNode json) {
        this.json = json;
    }

    /** @throws RefusedTokenException if the bytes are not a JSON object */
    public static Claims read(byte[] payload) {
        return new Claims(StrictJson.object("payload", payload));
    }

    public boolean has(String claim) {
        return json.has(claim);
    }

    /** @throws RefusedTokenException if it is not a string */
    public Optional<String> string(String claim) {
        JsonNode value = json.get(claim);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw wrong(claim, "is not a string");
        }
        return Optional.of(value.stringValue());
    }

    /** @throws RefusedTokenException if it is missing, empty, or not a string */
    public String requireString(String claim) {
        return string(claim).filter(text -> !text.isEmpty()).orElseThrow(() -> wrong(claim, "is missing"));
    }

    /**
     * A point in time, in seconds since 1970, with or without a fraction (RFC 7519, NumericDate).
     *
     * @throws RefusedTokenException if it is not such a number
     */
    public Optional<Instant> time(String claim) {
        JsonNode value = json.get(claim);
        if (value == null) {
            return Optional.empty();
        }
        double seconds = number(value);
        // Not a number fails every comparison.
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw wrong(claim, "is not a number of seconds since 1970");
        }
        return Optional.of(Instant.ofEpochMilli((long) (seconds * 1000)));
    }

    private static double number(JsonNode value) {
        try {
            return value.isNumber() ? value.doubleValue() : Double.NaN;
        } catch (JacksonException tooLarge) {
            return Double.NaN;
        }
    }

    /** @throws RefusedTokenException if it is missing or not a number of seconds */
    public Instant requireTime(String claim) {
        return time(claim).orElseThrow(() -> wrong(claim, "is missing"));
    }

    /**
     * A claim with several values: a list of strings, or one string.
     *
     * @param separated whether one string holds several values with blanks between them, as {@code scope} does
     * @throws RefusedTokenException if it is neither, or holds more than 1000
     */
    public Optional<List<String>> strings(String claim, boolean separated) {
        JsonNode value = json.get(claim);
        if (value == null) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>();
        if (value.isString()) {
            values.addAll(separated
                    ? Arrays.stream(value.stringValue().split(" ", -1)).filter(each -> !each.isEmpty()).toList()
                    : List.of(value.stringValue()));
        } else if (value.isArray()) {
            for (JsonNode entry : value) {
                if (!entry.isString()) {
                    throw wrong(claim, "holds what is not a string");
                }
                values.add(entry.stringValue());
            }
        } else {
            throw wrong(claim, "is neither a string nor a list of them");
        }
        if (values.size() > MAX_VALUES) {
            throw wrong(claim, "holds more than " + MAX_VALUES + " values");
        }
        return Optional.of(List.copyOf(values));
    }

    private static RefusedTokenException wrong(String claim, String how) {
        return new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID, "The claim " + claim + " " + how + ".");
    }
}
