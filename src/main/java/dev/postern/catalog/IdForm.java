package dev.postern.catalog;

import dev.postern.access.DeviceId;
import org.jspecify.annotations.Nullable;

/**
 * The canonical form of a backend's IDs. To the gate {@code 7} and {@code 007} are two devices, each with its own seat
 * and permissions; to a backend that parses them as numbers they are the same device. Ids that are not in this form are
 * refused.
 */
enum IdForm {
    /** Any valid ID. */
    ANY("an ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -"),
    /** Decimal digits, without leading zeros or a sign. */
    DIGITS("an ID of 1 to 128 decimal digits without leading zeros"),
    /** No upper case letters. */
    LOWER("an ID of 1 to 128 characters of a-z 0-9 . _ : ~ -");

    private final String description;

    IdForm(String description) {
        this.description = description;
    }

    /** @throws CatalogException if the text is not the name of a form */
    static IdForm parse(String where, @Nullable String text) {
        if (text == null) {
            return ANY;
        }
        return switch (text.strip()) {
            case "digits" -> DIGITS;
            case "lower" -> LOWER;
            default -> throw new CatalogException(where, "'" + text + "' is neither 'digits' nor 'lower'");
        };
    }

    /** Whether the text is a valid ID in this form. */
    boolean takes(String text) {
        return DeviceId.isValid(text) && switch (this) {
            case ANY -> true;
            case DIGITS -> (text.charAt(0) != '0' || text.length() == 1)
                    && text.chars().allMatch(c -> c >= '0' && c <= '9');
            case LOWER -> text.chars().noneMatch(c -> c >= 'A' && c <= 'Z');
        };
    }

    /** Describes an ID in this form, for the text of a refusal. */
    String description() {
        return description;
    }
}
