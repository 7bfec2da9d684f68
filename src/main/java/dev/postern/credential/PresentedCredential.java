package dev.postern.credential;

import java.util.Objects;

/**
 * A credential as the caller presented it, not yet verified. Only this class holds the raw text, and its
 * {@code toString} hides it. A credential inside a header is not copied until its text is needed: a cached one is found
 * without copying.
 */
public final class PresentedCredential {
    /** Used as start position when the credential is the whole text. */
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

    /** A credential that is part of a header and has only ASCII characters. */
    public static PresentedCredential within(String header, int from, int to) {
        return new PresentedCredential(header, from, to);
    }

    /** The raw text. */
    public String secret() {
        return from == WHOLE ? text : text.substring(from, to);
    }

    /** Whether it is known to contain only ASCII characters. */
    public boolean isAscii() {
        return from != WHOLE;
    }

    /** The number of characters. Only valid if {@link #isAscii}. */
    public int length() {
        return to - from;
    }

    /** Copies a part of the raw text. Only valid if {@link #isAscii}. */
    @SuppressWarnings("deprecation") // it garbles other characters, but copies ASCII at once
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
