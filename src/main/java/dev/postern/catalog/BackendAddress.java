package dev.postern.catalog;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a backend listens: scheme, host and port, and nothing after them.
 *
 * @param uri {@code http(s)://host[:port]}
 */
public record BackendAddress(URI uri) {
    /**
     * @param where the setting that holds the address, for the complaint
     * @throws CatalogException if the text is not such an address
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
            // Falls through to the complaint, which shows the form that is wanted.
        }
        throw new CatalogException(where, "a backend is http(s)://host[:port] and nothing after it; "
                + "a path prefix is added with the filter PrefixPath");
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
