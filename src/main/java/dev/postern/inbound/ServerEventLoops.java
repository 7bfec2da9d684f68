package dev.postern.inbound;

import java.time.Duration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/**
 * Creates event loops that belong to one server. The process-wide ones of Reactor Netty would be shut down as soon as
 * the first server that uses them closes.
 */
public final class ServerEventLoops {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private ServerEventLoops() {}

    /**
     * Creates event loops that end with their application context.
     *
     * @param name  prefix of the thread names
     * @param count number of threads
     */
    public static ReactorResourceFactory create(String name, int count) {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> LoopResources.create(name, count, true));
        // Drain has already waited for all connections. By default the loops would wait two seconds for new tasks.
        resources.setShutdownQuietPeriod(Duration.ZERO);
        resources.setShutdownTimeout(LIMIT);
        return resources;
    }
}
