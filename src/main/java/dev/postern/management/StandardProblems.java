package dev.postern.management;

import dev.postern.management.contract.Operation;

/** The problems that follow from what an operation declares. */
final class StandardProblems {
    private StandardProblems() {}

    static void addTo(Operation operation) {
        operation.refuses(Problem.REQUEST_MALFORMED, Problem.FIELD_INVALID, Problem.OPERATOR_TOKEN_MISSING,
                Problem.OPERATOR_TOKEN_WRONG, Problem.INTERNAL_ERROR, Problem.STORE_UNAVAILABLE, Problem.BUSY);
        if (operation.path().contains("{")) {
            operation.refuses(Problem.NOT_FOUND, Problem.RECORD_UNREADABLE);
        }
        if (operation.has(Operation.Trait.IDEMPOTENCY_KEY)) {
            operation.refuses(Problem.IDEMPOTENCY_IN_PROGRESS, Problem.IDEMPOTENCY_REPLY_NOT_KEPT,
                    Problem.IDEMPOTENCY_KEY_REUSED, Problem.LIMIT_REACHED, Problem.BODY_TOO_LARGE);
        }
        if (operation.has(Operation.Trait.IF_MATCH)) {
            operation.refuses(Problem.PRECONDITION_FAILED);
        }
        if (operation.body().isPresent()) {
            operation.refuses(Problem.BODY_TOO_LARGE);
        }
    }
}
