package dev.postern.console;

import dev.postern.management.InternalCalls;
import dev.postern.management.KeyHolderSignIn;
import dev.postern.operator.KeyHolderSessions;
import java.time.Clock;
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

/** Puts the key holder's page on the management port, and opens it for the public port. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "postern.console.enabled", matchIfMissing = true)
public class KeyHolderConfiguration {
    private static final int RENDERERS = 2;
    private static final int MAX_WAITING = 256;

    /** Threads other than those of the console: strangers on the public port must not keep operators waiting. */
    @Bean(destroyMethod = "dispose")
    Scheduler keyHolderWorkers() {
        return Schedulers.newBoundedElastic(RENDERERS, MAX_WAITING, "postern-key-holders");
    }

    @Bean
    KeyHolderFilter keyHolderPage(InternalCalls calls, KeyHolderSignIn signIn, KeyHolderSessions sessions,
            PublicPages publicPages, Clock clock, @Qualifier("keyHolderWorkers") Scheduler workers) {
        Site site = Site.KEY_HOLDER;
        Assets assets = Assets.of(site);
        Templates templates = new Templates(site, assets, workers);
        KeyHolderSignInPage signInPage = new KeyHolderSignInPage(templates);
        KeyHolderVisitors visitors = new KeyHolderVisitors(sessions, signIn, signInPage);
        KeyHolderPages own = new KeyHolderPages(signIn, sessions, visitors, signInPage, templates);
        RouterFunctions.Builder open = RouterFunctions.route().GET(site.root() + "/assets/{name}", assets::serve)
                .GET(site.root() + "/language", request -> Language.choose(site, request));
        own.addOpenTo(open);
        RouterFunctions.Builder closed = RouterFunctions.route();
        own.addClosedTo(closed);
        new ResourcePages(new Api(calls, clock), templates, clock).addTo(closed);
        RouterFunction<ServerResponse> routes = open.build()
                .and(closed.build().filter(new SignedIn(visitors, templates))).filter(own::fromHere);
        Pages pages = new Pages(routes, templates);
        publicPages.open(pages, sessions::isId, workers);
        return new KeyHolderFilter(pages);
    }
}
