package dev.postern.authentication;

/**
 * The headers in which a caller may present a credential. {@link Presentation} reads exactly these, and the proxy strips exactly
 * these from what it sends to a backend: a header that is added here is both recognised and kept from backends.
 */
public enum CredentialHeader {
    /** {@code Authorization: Bearer <credential>}; the scheme may be left out. */
    AUTHORIZATION("Authorization"),
    /** {@code api-key: <credential>}, as OneNET's clients send it. */
    API_KEY("api-key");

    private final String headerName;

    CredentialHeader(String headerName) {
        this.headerName = headerName;
    }

    /** The name, as it is usually written. */
    public String headerName() {
        return headerName;
    }
}
