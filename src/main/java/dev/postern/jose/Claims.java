package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads the claims of a token. Claims registered by RFC 7519 are found by their name only; claims that an operator
 * configures also by a path into nested objects, such as {@code realm_access.roles}.
 */
public final class Claims {
    /** The last second of the year 9999. A larger number was probably not given in seconds. */
    private static final double MAX_SECONDS = 253_402_300_799.0;
    private static final int MAX_VALUES = 1000;
    /** Some parsers round larger numbers and could not tell two IDs apart: 2 to the power of 53. */
    private static final long MAX_EXACT_NUMBER = 1L << 53;

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
    Optional<Instant> time(String claim) {
        JsonNode value = json.get(claim);
        if (value == null) {
            return Optional.empty();
        }
        double seconds = number(value);
        // Written so that NaN, for which every comparison is false, is refused.
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
     * @throws RefusedTokenException if it is neither, or has more than 1000
     */
    public Optional<List<String>> strings(String claim) {
        return Optional.ofNullable(json.get(claim))
                .map(value -> values(claim, value, text -> List.of(text), Claims::text));
    }

    /**
     * A claim with several values that may contain blanks: a list of strings, or one string.
     *
     * @param path as {@link ClaimPath} describes it
     * @throws RefusedTokenException if it is neither, or has more than 1000
     */
    public Optional<List<String>> stringsAt(String path) {
        return ClaimPath.find(json, path).map(value -> values(path, value, text -> List.of(text), Claims::text));
    }

    /**
     * A claim with several words: a list of strings, or one string with blanks between the words, as {@code scope} is.
     *
     * @param path as {@link ClaimPath} describes it
     * @throws RefusedTokenException if it is neither, or has more than 1000
     */
    public Optional<List<String>> wordsAt(String path) {
        return ClaimPath.find(json, path).map(value -> values(path, value, Claims::words, Claims::text));
    }

    /**
     * A claim with several ids: like {@link #wordsAt}, but IDs may also be whole numbers.
     *
     * @param path as {@link ClaimPath} describes it
     * @throws RefusedTokenException if it is something else, has more than 1000, or contains a number that parsers may
     *         round
     */
    public Optional<List<String>> idsAt(String path) {
        return ClaimPath.find(json, path).map(value -> values(path, value, Claims::words, Claims::id));
    }

    /**
     * A claim with one id: a string or a whole number.
     *
     * @param path as {@link ClaimPath} describes it
     * @throws RefusedTokenException if it is missing, empty, something else, or a number that parsers may round
     */
    public String requireIdAt(String path) {
        JsonNode value = ClaimPath.find(json, path).orElseThrow(() -> wrong(path, "is missing"));
        return Optional.of(id(path, value)).filter(text -> !text.isEmpty())
                .orElseThrow(() -> wrong(path, "is empty"));
    }

    /** Reads one element of a list. */
    private interface Element {
        String read(String claim, JsonNode value);
    }

    private static List<String> values(String claim, JsonNode value, Function<String, List<String>> separated,
            Element element) {
        List<String> values = new ArrayList<>();
        if (value.isString()) {
            values.addAll(separated.apply(value.stringValue()));
        } else if (value.isArray()) {
            for (JsonNode entry : value) {
                values.add(element.read(claim, entry));
            }
        } else {
            values.add(element.read(claim, value));
        }
        if (values.size() > MAX_VALUES) {
            throw wrong(claim, "has more than " + MAX_VALUES + " values");
        }
        return List.copyOf(values);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ", -1)).filter(each -> !each.isEmpty()).toList();
    }

    private static String text(String claim, JsonNode value) {
        if (!value.isString()) {
            throw wrong(claim, "is neither a string nor a list of strings");
        }
        return value.stringValue();
    }

    private static String id(String claim, JsonNode value) {
        if (value.isString()) {
            return value.stringValue();
        }
        if (value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0
                && value.longValue() <= MAX_EXACT_NUMBER) {
            return Long.toString(value.longValue());
        }
        throw wrong(claim, "has an ID that is neither a string nor a whole number from 0 to " + MAX_EXACT_NUMBER);
    }

    private static RefusedTokenException wrong(String claim, String how) {
        return new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID, "The claim " + claim + " " + how + ".");
    }
}
