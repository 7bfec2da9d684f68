package dev.postern.backend;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.Arrays;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import reactor.netty.http.client.HttpClient;

/**
 * The trusted certificates and the client certificate for TLS connections to a backend. When the SSL bundle is
 * reloaded, new connections use its new content.
 */
final class BackendTls {
    private final String where;
    private final @Nullable SNIHostName serverName;
    private volatile @Nullable SslContext context;
    private volatile Runnable onRenewal = () -> {};

    private BackendTls(String where, @Nullable String serverName) {
        this.where = where;
        this.serverName = serverName == null ? null : serverName(where, serverName);
    }

    /**
     * @throws IllegalArgumentException if the bundle does not exist or cannot be used; the message names the setting
     */
    static BackendTls of(String where, BackendSettings settings, SslBundles bundles) {
        BackendTls tls = new BackendTls(where, settings.serverName());
        String name = settings.sslBundle();
        if (name != null || settings.serverName() != null) {
            tls.use(name == null ? null : bundle(where, name, bundles));
        }
        if (name != null) {
            bundles.addBundleUpdateHandler(name, renewed -> {
                tls.use(renewed);
                tls.onRenewal.run();
            });
        }
        return tls;
    }

    private static SslBundle bundle(String where, String name, SslBundles bundles) {
        try {
            return bundles.getBundle(name);
        } catch (NoSuchSslBundleException unknown) {
            throw new IllegalArgumentException(
                    where + ".ssl-bundle: there is no bundle '" + name + "' in spring.ssl.bundle", unknown);
        }
    }

    private static SNIHostName serverName(String where, String name) {
        try {
            return new SNIHostName(name);
        } catch (IllegalArgumentException invalid) {
            throw new IllegalArgumentException(where + ".server-name: '" + name + "' is not a host name", invalid);
        }
    }

    private void use(@Nullable SslBundle bundle) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient();
            if (bundle != null) {
                SslOptions options = bundle.getOptions();
                builder.trustManager(bundle.getManagers().getTrustManagerFactory());
                if (bundle.getStores().getKeyStore() != null) {
                    builder.keyManager(bundle.getManagers().getKeyManagerFactory());
                }
                if (options.getCiphers() != null) {
                    builder.ciphers(Arrays.asList(options.getCiphers()));
                }
                if (options.getEnabledProtocols() != null) {
                    builder.protocols(options.getEnabledProtocols());
                }
            }
            context = builder.build();
        } catch (SSLException | IllegalStateException unusable) {
            throw new IllegalArgumentException(where + ".ssl-bundle cannot be used: " + unusable.getMessage(),
                    unusable);
        }
    }

    void onRenewal(Runnable listener) {
        onRenewal = listener;
    }

    HttpClient secure(HttpClient client) {
        SslContext present = context;
        return present == null
                ? client
                : client.secure(spec -> {
                    var builder = spec.sslContext(present);
                    if (serverName != null) {
                        builder.serverNames(serverName);
                    }
                });
    }
}
