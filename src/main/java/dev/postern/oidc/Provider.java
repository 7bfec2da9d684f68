package dev.postern.oidc;

import dev.postern.jose.FetchBudget;
import dev.postern.jose.IssuerKeySettings;
import dev.postern.jose.IssuerKeys;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * The identity provider: its addresses, from its discovery document, and its keys. The document is read when it is
 * needed, so that the gate starts without the provider, and again after an hour. Callers share one request.
 */
final class Provider implements AutoCloseable {
    private static final Duration KEPT = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final List<String> ALGORITHMS = List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
            "ES256", "ES384", "ES512", "EdDSA");
    private static final int OK = 200;

    private final OidcSettings settings;
    private final ProviderCalls calls;
    private final HttpClient client;
    private final Clock clock;
    private final IssuerKeySettings keySettings;
    private final FetchBudget budget;
    private final Mono<Known> known;
    private volatile @Nullable Known last;

    /** What is known of the provider. */
    record Known(ProviderMetadata metadata, IssuerKeys keys) {}

    Provider(OidcSettings settings, HttpClient client, Clock clock) {
        this.settings = settings;
        this.calls = new ProviderCalls(client, settings.timeout());
        this.client = client;
        this.clock = clock;
        IssuerKeySettings usual = IssuerKeySettings.defaults();
        this.keySettings = new IssuerKeySettings(usual.refreshAfter(), usual.expireAfter(), usual.unknownKeyPause(),
                usual.retryAfter(), settings.timeout(), usual.maxBytes(), usual.maxKeys());
        this.budget = FetchBudget.of(1, keySettings, clock);
        this.known = Mono.defer(this::discover).cache(_ -> KEPT, _ -> PAUSE, () -> Duration.ZERO);
    }

    ProviderCalls calls() {
        return calls;
    }

    /** The provider; {@link ProviderUnavailableException} if it cannot be reached. */
    Mono<Known> known() {
        return known;
    }

    private Mono<Known> discover() {
        URI document = URI.create(settings.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
        return calls.get(document).map(answer -> {
            if (answer.status() != OK) {
                throw new ProviderUnavailableException("its discovery document has the status " + answer.status());
            }
            Known next = known(ProviderMetadata.read(answer.body(), settings.issuer()));
            last = next;
            return next;
        });
    }

    private Known known(ProviderMetadata metadata) {
        Known before = last;
        if (before != null && before.metadata().keys().equals(metadata.keys())) {
            return new Known(metadata, before.keys());
        }
        if (before != null) {
            before.keys().close();
        }
        return new Known(metadata,
                new IssuerKeys(metadata.keys(), ALGORITHMS, keySettings, budget, client, clock));
    }

    @Override
    public void close() {
        Known present = last;
        if (present != null) {
            present.keys().close();
        }
    }
}
