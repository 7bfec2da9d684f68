package dev.postern.transfer;

import dev.postern.account.ChangeRefusedException;

/** Converts the exceptions of refused changes. */
final class Faults {
    private Faults() {}

    static LineFault of(RuntimeException refusal) {
        return switch (refusal) {
            case LineFault fault -> fault;
            case ChangeRefusedException refused -> LineFault.of(switch (refused.why()) {
                case NOT_FOUND -> LineFault.Reason.NOT_FOUND;
                case TOO_MANY -> LineFault.Reason.LIMIT_REACHED;
                case NO_ROOM -> LineFault.Reason.ACCOUNT_FULL;
                case NAME_TAKEN, TAKEN -> LineFault.Reason.ALREADY_EXISTS;
                case NOT_AS_IT_IS -> LineFault.Reason.NOT_POSSIBLE;
                case CHANGED -> LineFault.Reason.CONCURRENT_CHANGE;
            }, String.valueOf(refused.getMessage()));
            default -> LineFault.of(LineFault.Reason.CONCURRENT_CHANGE, String.valueOf(refusal.getMessage()));
        };
    }
}
