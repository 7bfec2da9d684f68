package dev.postern.management.contract;

import dev.postern.management.contract.Operation.Trait;
import java.util.ArrayList;
import java.util.List;

/** The headers that an operation accepts because of its traits. */
final class HeaderParameters {
    private static final Parameter IF_MATCH = new Parameter("If-Match", Shape.text(),
            "Entity tags or `*`. The change is made only if one of them matches the current state.");
    private static final Parameter IF_NONE_MATCH = new Parameter("If-None-Match", Shape.text(),
            "Entity tags or `*`. The answer is 304 if one of them matches the current state.");
    private static final Parameter IDEMPOTENCY_KEY = new Parameter("Idempotency-Key",
            Shape.matching("[\\x20-\\x7E]{1,255}"),
            "A text that the caller chooses. A repetition with the same key is answered as before and changes nothing.");

    private HeaderParameters() {}

    static List<Parameter> of(Operation operation) {
        List<Parameter> parameters = new ArrayList<>();
        if (operation.has(Trait.IF_MATCH)) {
            parameters.add(IF_MATCH);
        }
        if (operation.has(Trait.IF_NONE_MATCH)) {
            parameters.add(IF_NONE_MATCH);
        }
        if (operation.has(Trait.IDEMPOTENCY_KEY)) {
            parameters.add(IDEMPOTENCY_KEY);
        }
        return parameters;
    }
}
