package dev.postern.transfer;

import dev.postern.access.DeviceId;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the members of a line. A member that is missing or invalid is a {@link LineFault} that names it. */
record Members(ObjectNode json) {
    static final int MAX_NAME = 256;
    private static final int MAX_TEXT = 512;

    /** Refuses other members. Their names are not quoted: they may be misplaced secrets. */
    Members only(String... members) {
        List<String> known = List.of(members);
        if (!known.containsAll(json.propertyNames())) {
            throw new LineFault(LineFault.Reason.FIELD_INVALID, Optional.empty(),
                    "The line has an unknown member; allowed are kind, account, " + String.join(", ", members) + ".");
        }
        return this;
    }

    JsonNode required(String member) {
        JsonNode value = json.get(member);
        if (value == null || value.isNull()) {
            throw LineFault.invalid(member, value == null ? "is missing" : "is null");
        }
        return value;
    }

    boolean has(String member) {
        return json.has(member);
    }

    String string(String member) {
        JsonNode value = required(member);
        if (!value.isString()) {
            throw LineFault.invalid(member, "is not a string");
        }
        return value.stringValue();
    }

    Optional<String> optionalString(String member) {
        return has(member) ? Optional.of(string(member)) : Optional.empty();
    }

    /** An ID, which must be one of an account, device, project or user: they have the same form. */
    String id(String member) {
        String text = string(member);
        if (!DeviceId.isValid(text)) {
            throw LineFault.invalid(member, "is not a valid ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
        }
        return text;
    }

    Optional<String> optionalId(String member) {
        return has(member) ? Optional.of(id(member)) : Optional.empty();
    }

    /** A name for people. */
    String name(String member) {
        String text = text(member, MAX_NAME);
        if (text.isBlank()) {
            throw LineFault.invalid(member, "is blank");
        }
        return text;
    }

    /** A text for people. */
    String text(String member) {
        return text(member, MAX_TEXT);
    }

    private String text(String member, int max) {
        String text = string(member);
        if (text.length() > max) {
            throw LineFault.invalid(member, "has more than " + max + " characters");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw LineFault.invalid(member, "contains a control character");
        }
        if (text.codePoints().anyMatch(code -> code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
            throw LineFault.invalid(member, "contains an unpaired surrogate");
        }
        return text;
    }

    boolean flag(String member) {
        JsonNode value = required(member);
        if (!value.isBoolean()) {
            throw LineFault.invalid(member, "is neither true nor false");
        }
        return value.booleanValue();
    }

    int number(String member, int least, int most) {
        JsonNode value = required(member);
        if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
            throw LineFault.invalid(member, "is not a whole number from " + least + " to " + most);
        }
        return value.intValue();
    }

    /** A time such as 2026-11-22T00:00:00Z, to the millisecond. */
    Instant time(String member) {
        try {
            Instant time = Instant.parse(string(member));
            // Times are stored in milliseconds, and the stored time, written as text, must read as the same time.
            if (!time.equals(time.truncatedTo(ChronoUnit.MILLIS)) || time.isBefore(Instant.EPOCH)
                    || time.toEpochMilli() > MAX_MILLIS) {
                throw LineFault.invalid(member, "is not a time in whole milliseconds since 1970");
            }
            return time;
        } catch (DateTimeException | ArithmeticException notATime) {
            throw LineFault.invalid(member, "is not a time such as 2026-11-22T00:00:00Z");
        }
    }

    /** The end of the year 9999. */
    private static final long MAX_MILLIS = 253_402_300_799_999L;

    Optional<Instant> optionalTime(String member) {
        return has(member) ? Optional.of(time(member)) : Optional.empty();
    }

    ObjectNode object(String member) {
        if (!(required(member) instanceof ObjectNode object)) {
            throw LineFault.invalid(member, "is not an object");
        }
        return object;
    }

    @Nullable JsonNode get(String member) {
        return json.get(member);
    }

    /** Runs a parser whose exceptions say which part of the member is wrong. */
    static <T> T valid(String member, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException wrong) {
            throw new LineFault(LineFault.Reason.FIELD_INVALID, Optional.of(member), wrong.getMessage() + ".");
        }
    }
}
