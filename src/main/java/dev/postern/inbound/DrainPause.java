package dev.postern.inbound;

import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * The time between the order to stop and the drain. Spring Boot has made readiness fail already. Load balancers need a
 * while to notice, and their calls are served as before. Each HTTP/1.1 answer closes its connection, so that few idle
 * ones are left when the drain closes them.
 */
public final class DrainPause implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(DrainPause.class);
    /** Before the management port closes, whose phase is 512 below the default: it answers the probes. */
    private static final int BEFORE_THE_MANAGEMENT_PORT = SmartLifecycle.DEFAULT_PHASE - 100;

    private static final Duration SPARE = Duration.ofSeconds(5);

    private final Duration pause;
    private final Drain drain;
    private volatile boolean running;

    DrainPause(DrainSettings settings, Drain drain, DefaultLifecycleProcessor lifecycle) {
        this.pause = settings.pause();
        this.drain = drain;
        // Spring's limit for a phase is for the drain, and may be shorter.
        lifecycle.setTimeoutForShutdownPhase(BEFORE_THE_MANAGEMENT_PORT, pause.plus(SPARE).toMillis());
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void stop(Runnable whenDone) {
        running = false;
        if (pause.isZero()) {
            whenDone.run();
            return;
        }
        LOG.info("The gate stops in {} ms; its readiness fails", pause.toMillis());
        drain.announce();
        GlobalEventExecutor.INSTANCE.schedule(whenDone, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return BEFORE_THE_MANAGEMENT_PORT;
    }
}
