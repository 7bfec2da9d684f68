package dev.postern.account;

/** A change that was not made, because of the present state of things. Nothing was changed. */
public final class ChangeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Why {
        /** What was to be changed, or the account, is not there. */
        NOT_FOUND,
        /** Limit reached. */
        TOO_MANY,
        /** The account's storage is full. */
        NO_ROOM,
        /** The name is taken. */
        NAME_TAKEN,
        /** The id or the credential itself is taken. */
        TAKEN,
        /** It is there, and in a state in which this cannot be done to it. */
        NOT_AS_IT_IS
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
        return new ChangeRefusedException(Why.NOT_FOUND, "There is no such account.");
    }
}
