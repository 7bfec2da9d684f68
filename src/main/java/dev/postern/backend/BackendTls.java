package dev.postern.backend;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
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
    private volatile int generation;

    private BackendTls(String where, @Nullable String serverName) {
        this.where = where;
        this.serverName = serverName == null ? null : serverName(where, serverName);
    }

    /**
     * @throws IllegalArgumentException if the bundle does not exist or cannot be used; the message names the setting
     */
    static BackendTls of(String where, BackendSettings settings, BundleRenewals bundles) {
        BackendTls tls = new BackendTls(where, settings.serverName());
        String name = settings.sslBundle();
        if (name != null || settings.serverName() != null) {
            tls.use(name == null ? null : tls.bundle(name, bundles));
        }
        return tls;
    }

    private SslBundle bundle(String name, BundleRenewals bundles) {
        try {
            return bundles.follow(name, this);
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

    void renew(SslBundle bundle) {
        use(bundle);
        renewed();
    }

    private synchronized void renewed() {
        generation++;
        onRenewal.run();
    }

    /** How often the bundle was reloaded. Connections of an earlier generation must not be used again. */
    int generation() {
        return generation;
    }

    /**
     * The handler for a connection that does not use a Reactor Netty client, with the same checks.
     *
     * @throws SSLException if the JDK's own certificates cannot be used
     */
    SslHandler handler(ByteBufAllocator allocator, String host, int port) throws SSLException {
        SslContext present = context;
        if (present == null) {
            present = SslContextBuilder.forClient().build();
            context = present;
        }
        SslHandler handler = present.newHandler(allocator, host, port);
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (serverName != null) {
            parameters.setServerNames(List.of(serverName));
        }
        handler.engine().setSSLParameters(parameters);
        return handler;
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
