package dev.postern.support;

import dev.postern.jose.CryptoWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;

/** Keeps workers busy until it is closed: all of their threads are occupied, and their queue is full. */
public final class HeldWorkers implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<Disposable> held = new ArrayList<>();

    /** @param threads how many threads they have */
    public HeldWorkers(CryptoWorkers workers, int threads) {
        // First occupies all threads, and only then fills the queue: a thread that took a task later would free a place
        // there.
        CountDownLatch begun = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            hold(workers, begun);
        }
        if (!await(begun)) {
            throw new AssertionError("the threads did not begin");
        }
        long refused = workers.refused();
        while (workers.refused() == refused) {
            hold(workers, begun);
        }
    }

    private void hold(CryptoWorkers workers, CountDownLatch begun) {
        held.add(workers.run(() -> {
            begun.countDown();
            return await(release);
        }).subscribe(_ -> {}, _ -> {}));
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        release.countDown();
        held.forEach(Disposable::dispose);
    }
}
