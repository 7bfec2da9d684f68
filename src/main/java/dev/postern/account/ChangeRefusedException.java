package dev.postern.account;

/** A change that the current state does not allow. Nothing was changed. */
public final class ChangeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why the change was refused. */
    public enum Why {
        /** The record to change, or its account, does not exist. */
        NOT_FOUND,
        /** A limit is reached. */
        TOO_MANY,
        /** The account's storage is full. */
        NO_ROOM,
        /** The name is taken. */
        NAME_TAKEN,
        /** The ID or the credential itself is taken. */
        TAKEN,
        /** The record exists, but its state does not allow the change. */
        NOT_AS_IT_IS,
        /** The record is not in the state that the caller expects. */
        CHANGED
    }

    private final Why why;

    /** @param message what to tell the operator */
    public ChangeRefusedException(Why why, String message) {
        super(message, null, false, false);
        this.why = why;
    }

    public Why why() {
        return why;
    }

    /** There is no such account, or it is being deleted. */
    public static ChangeRefusedException noAccount() {
        return new ChangeRefusedException(Why.NOT_FOUND, "The account does not exist.");
    }
}
