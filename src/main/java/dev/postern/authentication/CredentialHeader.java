package dev.postern.authentication;

/**
 * The headers in which a caller may present a credential. {@link Presentation} reads exactly these, and the gate
 * removes them before it calls a backend. So a header that is added here is both recognized and hidden from backends.
 */
public enum CredentialHeader {
    /** {@code Authorization: Bearer <credential>}; the scheme is optional. */
    AUTHORIZATION("Authorization"),
    /** {@code api-key: <credential>}, as OneNET's clients send it. */
    API_KEY("api-key");

    private final String headerName;

    CredentialHeader(String headerName) {
        this.headerName = headerName;
    }

    /** The name in its usual spelling. */
    public String headerName() {
        return headerName;
    }
}
