package dev.postern.console;

import dev.postern.oidc.OidcSignIn;
import dev.postern.operator.Identity;
import dev.postern.operator.Role;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** How operators can sign in, and the page that offers it. */
final class SignInChoice {
    private final ConsoleSettings settings;
    private final Optional<OidcSignIn> oidc;
    private final Templates templates;

    SignInChoice(ConsoleSettings settings, Optional<OidcSignIn> oidc, Templates templates) {
        this.settings = settings;
        this.oidc = oidc;
        this.templates = templates;
    }

    /** Whether a name and a password are accepted. */
    boolean isLocal() {
        return settings.localSignIn();
    }

    /** The role of somebody who signed in with the identity provider; empty if the identity has no role now. */
    Optional<Role> role(Identity identity) {
        return oidc.flatMap(provider -> provider.role(identity));
    }

    /**
     * The sign-in page.
     *
     * @param destination where to go after signing in; a kept form survives only a sign-in with a password
     * @param error       the key of the text that says what went wrong; empty if nothing did
     * @param detail      an argument of this text
     */
    Mono<ServerResponse> page(ServerRequest request, HttpStatus status, SignInPages.Destination destination,
            String name,
            String error, String detail) {
        return templates.page(status, Language.of(request), "sign-in",
                Map.of("next", destination.next(), "kept", destination.kept(), "name", name, "error", error, "detail",
                        detail, "local", isLocal(), "oidc",
                        oidc.isPresent(), "button",
                        Optional.ofNullable(settings.oidc().buttonText()).orElse("")));
    }
}
