package dev.postern.catalog;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of a backend: scheme, host and port only.
 *
 * @param uri {@code http(s)://host[:port]}
 */
public record BackendAddress(URI uri) {
    /**
     * @param where the setting that contains the address, for the error message
     * @throws CatalogException if the text is not a valid address
     */
    public static BackendAddress parse(String where, String text) {
        try {
            URI uri = new URI(text.strip());
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean bare = uri.getRawPath() == null || uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
            if (http && uri.getHost() != null && bare && uri.getRawQuery() == null && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null) {
                return new BackendAddress(new URI(uri.getScheme() + "://" + uri.getRawAuthority()));
            }
        } catch (URISyntaxException notAnAddress) {
            // Falls through to the error, which shows the expected form.
        }
        throw new CatalogException(where, "a backend address must be http(s)://host[:port] only; "
                + "use the filter PrefixPath to add a path prefix");
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
