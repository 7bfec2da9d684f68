package dev.postern.transfer;

import java.util.Optional;

/** Thrown to refuse a line of a document. Nothing was changed for it. */
public final class LineFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why a line was refused. */
    public enum Reason {
        REQUEST_MALFORMED,
        FIELD_INVALID,
        /** Another line of the document is about the same resource. */
        DUPLICATE,
        /** The secrets were not written by gates with the secret keys of this one. */
        OTHER_SECRET_KEYS,
        /** The member cannot be changed. */
        NOT_CHANGEABLE,
        NOT_FOUND,
        ALREADY_EXISTS,
        LIMIT_REACHED,
        ACCOUNT_FULL,
        NOT_POSSIBLE,
        CONCURRENT_CHANGE,
        /** Another account has the device. */
        HELD_BY_ANOTHER,
        NO_SEAT
    }

    private final Reason reason;
    private final transient Optional<String> member;

    LineFault(Reason reason, Optional<String> member, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
        this.member = member;
    }

    /** A line that cannot be read. */
    public static LineFault malformed(String detail) {
        return new LineFault(Reason.REQUEST_MALFORMED, Optional.empty(), detail);
    }

    /** A member that is missing or invalid. */
    static LineFault invalid(String member, String problem) {
        return new LineFault(Reason.FIELD_INVALID, Optional.of(member), member + " " + problem);
    }

    static LineFault of(Reason reason, String detail) {
        return new LineFault(reason, Optional.empty(), detail);
    }

    public Reason reason() {
        return reason;
    }

    /** The member at fault; empty if no single member is. */
    public Optional<String> member() {
        return member;
    }

    /** A sentence, without the number of the line. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
