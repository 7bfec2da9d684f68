package dev.postern.management;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;

/** What an operation has because of what it declares: the receipt of a change, and the problems that may occur. */
final class StandardParts {
    private static final Parameter RECEIPT = new Parameter(ReceiptFilter.MEMBER, Shape.word("true", "false"),
            "Whether to wait for the gates, and to say which of them have the change.");

    private StandardParts() {}

    static void addTo(Operation operation) {
        if (operation.changes()) {
            operation.accepts(RECEIPT).addToReply(Shapes.RECEIPT);
        }
        operation.refuses(Problem.REQUEST_MALFORMED, Problem.FIELD_INVALID, Problem.OPERATOR_TOKEN_MISSING,
                Problem.OPERATOR_TOKEN_WRONG, Problem.SIGN_IN_FAILED, Problem.ROLE_INSUFFICIENT,
                Problem.TOO_MANY_ATTEMPTS, Problem.INTERNAL_ERROR, Problem.STORE_UNAVAILABLE, Problem.BUSY);
        // The holder of a master key must not learn whether anything outside the account exists.
        operation.refuses(Problem.NOT_FOUND, Problem.RECORD_UNREADABLE);
        if (operation.has(Trait.IDEMPOTENCY_KEY)) {
            operation.refuses(Problem.IDEMPOTENCY_IN_PROGRESS, Problem.IDEMPOTENCY_REPLY_NOT_KEPT,
                    Problem.IDEMPOTENCY_KEY_REUSED, Problem.LIMIT_REACHED, Problem.BODY_TOO_LARGE);
        }
        if (operation.has(Trait.IF_MATCH)) {
            operation.refuses(Problem.PRECONDITION_FAILED);
        }
        if (operation.body().isPresent()) {
            operation.refuses(Problem.BODY_TOO_LARGE);
        }
    }
}
