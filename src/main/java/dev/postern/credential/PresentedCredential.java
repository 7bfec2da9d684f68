package dev.postern.credential;

import java.util.Objects;

/**
 * What a caller presented, not verified. The one place that holds the raw text; it does not print. A credential that stands
 * within a header is not cut out of it before its text is needed: one that is remembered is found without.
 */
public final class PresentedCredential {
    /** In place of where it begins: it is the whole text. */
    private static final int WHOLE = -1;

    private final String text;
    private final int from;
    private final int to;

    /** @param secret the raw text */
    public PresentedCredential(String secret) {
        this.text = secret;
        this.from = WHOLE;
        this.to = secret.length();
    }

    private PresentedCredential(String header, int from, int to) {
        this.text = header;
        this.from = Objects.checkFromToIndex(from, to, header.length());
        this.to = to;
    }

    /** A credential of ASCII characters that stands within a header. */
    public static PresentedCredential within(String header, int from, int to) {
        return new PresentedCredential(header, from, to);
    }

    /** The raw text. */
    public String secret() {
        return from == WHOLE ? text : text.substring(from, to);
    }

    /** Whether it is known to be of ASCII characters alone. */
    public boolean isAscii() {
        return from != WHOLE;
    }

    /** How many characters it has, where {@link #isAscii}. */
    public int length() {
        return to - from;
    }

    /** Copies a part of the raw text, where {@link #isAscii}. */
    @SuppressWarnings("deprecation") // for what it does to other characters; it copies these at once
    public void copy(int start, int end, byte[] target) {
        text.getBytes(from + start, from + end, target, 0);
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
