package dev.postern.support;

import dev.postern.store.TestRedis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs tasks on threads of their own, which all start at the same moment. */
public final class AtOnce {
    private AtOnce() {}

    /** Runs the tasks, and returns their results in the order of the tasks. */
    public static <T> List<T> run(List<Callable<T>> tasks) throws Exception {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> task : tasks) {
                running.add(threads.submit(() -> {
                    start.await(TestRedis.LIMIT.toSeconds(), TimeUnit.SECONDS);
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> result : running) {
                results.add(result.get(TestRedis.LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
            return results;
        }
    }

    /** Runs the same task this many times at once. */
    public static <T> List<T> run(int times, Callable<T> task) throws Exception {
        return run(Collections.nCopies(times, task));
    }
}
