package dev.postern.credential;

/**
 * What a caller presented, not verified. The one place that holds the raw text; it does not print.
 *
 * @param secret the raw text
 */
public record PresentedCredential(String secret) {
    @Override
    public String toString() {
        return "PresentedCredential[***]";
    }
}
