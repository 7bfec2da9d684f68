package dev.postern.console;

/** A pasted call cannot be read. The visitor is shown why. */
final class UnreadableCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final String argument;

    /**
     * @param key      of the message, below {@code explain.unreadable.}
     * @param argument of the message; never part of what may be a secret
     */
    UnreadableCallException(String key, String argument) {
        super(key, null, false, false);
        this.key = "explain.unreadable." + key;
        this.argument = argument;
    }

    /** The key of the message that says why. */
    String key() {
        return key;
    }

    String argument() {
        return argument;
    }
}
