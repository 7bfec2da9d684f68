package dev.postern.search;

/** The names of a list do not fit into the memory that is meant for them. The message is for the caller. */
public final class NamesTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NamesTooLargeException(String list, long max) {
        super("The names in " + list + " take more than " + max + " bytes, so they cannot be searched"
                + " (postern.listing.name-memory).");
    }
}
