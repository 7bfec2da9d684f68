package dev.postern.credential;

import java.util.Objects;

/**
 * What a caller presented, not verified. The one place that holds the raw text; it does not print. A credential that stands
 * within a header is not cut out of it before its text is needed: one that is remembered is found without.
 */
public final class PresentedCredential {
    private final String text;
    private final int from;
    private final int to;

    /** @param secret the raw text */
    public PresentedCredential(String secret) {
        this(secret, 0, secret.length());
    }

    /** A credential that stands within a text. */
    PresentedCredential(String text, int from, int to) {
        this.text = text;
        this.from = Objects.checkFromToIndex(from, to, text.length());
        this.to = to;
    }

    /** The raw text. */
    public String secret() {
        return text.substring(from, to);
    }

    /** How many characters the raw text has. */
    int length() {
        return to - from;
    }

    /** A character of the raw text. */
    char charAt(int index) {
        return text.charAt(from + index);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PresentedCredential credential && secret().equals(credential.secret());
    }

    @Override
    public int hashCode() {
        return secret().hashCode();
    }

    @Override
    public String toString() {
        return "PresentedCredential[***]";
    }
}
