package dev.postern.console;

import dev.postern.management.InternalCalls;
import dev.postern.management.SignIn;
import dev.postern.oidc.OidcSignIn;
import dev.postern.operator.FirstOperator;
import dev.postern.operator.Operators;
import dev.postern.operator.Sessions;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Puts the console on the management port, and nowhere else. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "postern.console.enabled", matchIfMissing = true)
public class ConsoleConfiguration {
    private static final int RENDERERS = 2;
    private static final int MAX_WAITING = 256;

    @Bean(destroyMethod = "dispose")
    Scheduler consoleWorkers() {
        return Schedulers.newBoundedElastic(RENDERERS, MAX_WAITING, "postern-console");
    }

    @Bean
    ConsoleFilter console(InternalCalls calls, SignIn signIn, Sessions sessions, Operators operators,
            FirstOperator first, ConsoleSettings settings, ObjectProvider<OidcSignIn> oidc, Clock clock,
            @Qualifier("consoleWorkers") Scheduler workers) {
        Assets assets = Assets.of(Site.CONSOLE);
        Templates templates = new Templates(Site.CONSOLE, assets, workers);
        Api api = new Api(calls, clock);
        Optional<OidcSignIn> provider = Optional.ofNullable(oidc.getIfAvailable());
        SignInChoice choice = new SignInChoice(settings, provider, templates);
        SignInPages signInPages = new SignInPages(signIn, sessions, first, choice, templates);
        RouterFunctions.Builder open = RouterFunctions.route()
                .GET("/", _ -> ServerResponse.seeOther(URI.create(ConsoleFilter.ROOT + "/")).build())
                .GET(ConsoleFilter.ROOT, _ -> ServerResponse.seeOther(URI.create(ConsoleFilter.ROOT + "/")).build())
                .GET(ConsoleFilter.ROOT + "/assets/{name}", assets::serve)
                .GET(ConsoleFilter.ROOT + "/language", request -> Language.choose(Site.CONSOLE, request));
        signInPages.addTo(open);
        provider.ifPresent(known -> new OidcPages(known, sessions, choice, templates).addTo(open));
        RouterFunctions.Builder closed = RouterFunctions.route().POST(ConsoleFilter.ROOT + "/sign-out",
                signInPages::signOut);
        new HomePages(api, templates).addTo(closed);
        new AccountPages(api, templates).addTo(closed);
        new OperatorPages(api, templates).addTo(closed);
        new ExplainPages(api, templates).addTo(closed);
        ReceiptPages receipts = new ReceiptPages(api, templates, clock);
        receipts.addTo(closed);
        new NamePages(api, templates).addTo(closed);
        new LicensePages(api, templates).addTo(closed);
        new AuthcodePages(api, templates).addTo(closed);
        new ImportPages(api, templates).addTo(closed);
        new TransferPages(api, templates).addTo(closed);
        new ResourcePages(api, templates, clock).addTo(closed);
        RouterFunction<ServerResponse> pages = open.build()
                .and(closed.build().filter(receipts).filter(new SignedIn(
                        new OperatorVisitors(sessions, operators, choice, signInPages), templates)));
        return new ConsoleFilter(new Pages(pages, templates));
    }
}
