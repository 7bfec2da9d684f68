package dev.postern.transfer;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A line of a document that is imported.
 *
 * @param number counted from 1
 * @param bytes  its length
 * @param json   null if the line is not a JSON object
 * @param fault  why not
 */
public record DocumentLine(long number, int bytes, @Nullable ObjectNode json, Optional<LineFault> fault) {
    public static DocumentLine of(long number, int bytes, ObjectNode json) {
        return new DocumentLine(number, bytes, json, Optional.empty());
    }

    public static DocumentLine faulty(long number, LineFault fault) {
        return new DocumentLine(number, 0, null, Optional.of(fault));
    }
}
