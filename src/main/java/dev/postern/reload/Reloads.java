package dev.postern.reload;

import dev.postern.reload.ReloadReport.Outcome;
import dev.postern.telemetry.ReloadMeters;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Reloads the settings when somebody asks for it, or a file has changed: one reload at a time, on a thread of its own.
 * Requests that arrive while one runs share the next one.
 */
public final class Reloads implements HangUp.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final SettingsFiles files;
    private final Function<ConfigurableEnvironment, ReloadReport> apply;
    private final ReloadMeters meters;
    private final Clock clock;
    private final Runnable housekeeping;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1,
            Thread.ofPlatform().daemon().name("postern-reload").factory());
    private @Nullable CompletableFuture<ReloadReport> next;
    /** The files as the last reload found them. Only used by the thread. */
    private FileState tried;
    /** The files as the last look found them. Only used by the thread. */
    private FileState seen;

    /**
     * @param apply        checks settings, and puts them in use if they are good; throws if they are not, and then has
     *                     changed nothing
     * @param housekeeping runs now and then, on the thread of the reloads
     */
    public Reloads(SettingsFiles files, Function<ConfigurableEnvironment, ReloadReport> apply, ReloadMeters meters,
            Clock clock, Runnable housekeeping) {
        this.files = files;
        this.apply = apply;
        this.meters = meters;
        this.clock = clock;
        this.housekeeping = housekeeping;
        this.tried = files.state();
        this.seen = tried;
        meters.loaded(clock.instant());
    }

    /** Begins to look for changed files, and to heed the signal HUP. */
    public void start(ReloadSettings settings) {
        HangUp.listen(this);
        long millis = settings.interval().toMillis();
        var _ = thread.scheduleWithFixedDelay(() -> look(settings.watch()), millis, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void hungUp() {
        var _ = request("the signal HUP");
    }

    private void look(boolean watch) {
        try {
            housekeeping.run();
            FileState now = files.state();
            if (watch && !now.equals(tried) && now.equals(seen)) {
                var _ = request("changed files");
            }
            seen = now;
        } catch (RuntimeException defect) {
            LOG.error("The settings files cannot be watched: {}", defect.toString());
        }
    }

    /**
     * Reads the settings again.
     *
     * @param trigger what asks for it, for the log
     * @return what was done; fails with {@link RejectedExecutionException} if the gate has stopped
     */
    public synchronized CompletableFuture<ReloadReport> request(String trigger) {
        CompletableFuture<ReloadReport> waiting = next;
        if (waiting != null) {
            return waiting;
        }
        CompletableFuture<ReloadReport> mine = new CompletableFuture<>();
        try {
            thread.execute(() -> run(mine, trigger));
            next = mine;
        } catch (RejectedExecutionException stopped) {
            mine.completeExceptionally(stopped);
        }
        return mine;
    }

    private void run(CompletableFuture<ReloadReport> mine, String trigger) {
        synchronized (this) {
            next = null;
        }
        try {
            ReloadReport report = reload();
            note(report, trigger);
            mine.complete(report);
        } catch (RuntimeException | LinkageError | StackOverflowError defect) {
            // Only the class: a message may quote a setting.
            meters.reloaded(Outcome.REFUSED.word(), false);
            LOG.error("Not reloaded because of {}; the previous configuration stays in use. A defect: {}", trigger,
                    defect.getClass().getName());
        } finally {
            // Without effect if it is complete: whoever waits must hear about a defect, too.
            mine.completeExceptionally(new IllegalStateException("the reload has failed"));
        }
    }

    private void note(ReloadReport report, String trigger) {
        meters.reloaded(report.outcome().word(), report.mistake().isEmpty());
        switch (report.outcome()) {
            case CHANGED -> {
                meters.loaded(clock.instant());
                LOG.info("Reloaded because of {}: APIs {}; backends {}; other settings: {}", trigger, report.apis(),
                        report.backends(), report.settings());
            }
            case UNCHANGED -> LOG.info("Reloaded because of {}: nothing that can be reloaded has changed", trigger);
            case REFUSED ->
                LOG.error("Not reloaded because of {}; the previous configuration stays in use. {}", trigger,
                        report.mistake().map(Mistake::toString).orElse(""));
        }
        if (!report.restart().isEmpty()) {
            LOG.warn("These settings have changed, and need a restart: {}", String.join(", ", report.restart()));
        }
    }

    private ReloadReport reload() {
        tried = files.state();
        SettingsFiles.Read read = null;
        try {
            read = files.read();
            tried = read.state();
            ReloadReport report = apply.apply(read.settings());
            files.inUse(read.settings());
            return report;
        } catch (SettingsFiles.UnreadableException unreadable) {
            return ReloadReport.refused(unreadable.mistake());
        } catch (RuntimeException wrong) {
            LOG.debug("The settings were refused: {}", wrong.getClass().getName());
            return ReloadReport.refused(read == null
                    ? new Mistake(Optional.empty(), "the settings cannot be read: " + wrong.getClass().getName())
                    : Mistake.of(wrong, read.settings()));
        }
    }

    /** Reloads no more. Waits for a reload that runs. */
    @Override
    public void close() {
        HangUp.forget(this);
        thread.shutdown();
        try {
            var _ = thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
