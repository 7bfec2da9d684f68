package dev.postern.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/**
 * The log of changes, which all gates follow. Code that changes a record on which decisions depend appends an entry
 * here after the change, and answers its caller once the entry is in the log. If the entry cannot be appended, the
 * caller gets the error, and the entry is queued until the log is reachable again.
 *
 * <p>A change names subjects. Each is the Redis key of a changed record. The store does not know what the record
 * means: the key names what caches must invalidate ({@link ChangeView}), and tells which server's replicas must have
 * the change ({@link Replication}).
 */
public final class ChangeLog {
    static final String HEAD = "postern:{changes}:head";
    static final String LOG = "postern:{changes}:log";
    /** The subject of an entry which says that anything may have changed. */
    static final String EVERYTHING = "*";

    static final String CHANGED = "c";
    private static final String MADE = "m";
    private static final String ENDED = "e ";

    private final RedisStore redis;
    private final ChangeView view;
    private final int length;
    private final Script append = Script.read("/dev/postern/store/append-change.lua");
    private final UnsentChanges unsent;

    ChangeLog(RedisStore redis, ChangeView view, int length) {
        this(redis, view, length, new UnsentChanges(view::nanoTime));
    }

    private ChangeLog(RedisStore redis, ChangeView view, int length, UnsentChanges unsent) {
        this.redis = redis;
        this.view = view;
        this.length = length;
        this.unsent = unsent;
    }

    /**
     * The same log, for changes made on another connection. A change and its entry then go to the same server, even
     * while one of the connections leads to a server that was replaced.
     */
    ChangeLog on(RedisStore other) {
        return new ChangeLog(other, view, length, unsent);
    }

    /** This gate's knowledge of changes. */
    public ChangeView view() {
        return view;
    }

    /** Runs a change to these subjects, and logs it. */
    public <T> Mono<T> changing(Mono<T> change, String... subjects) {
        return logged(change, _ -> all(CHANGED, List.of(subjects)),
                (written, _) -> List.of(subjects).forEach(written::changed));
    }

    /** Runs a change that creates a record, perhaps one that was revoked before. */
    public <T> Mono<T> making(Mono<T> change, String subject) {
        // If nothing was created, revoked records stay revoked.
        return logged(change, made -> Map.of(subject, made.isPresent() ? MADE : CHANGED),
                (written, _) -> written.changed(subject));
    }

    /**
     * Runs a change that revokes a record. Gates then refuse its old text, even if Redis returns to an earlier state
     * (within the bounds of {@link ChangeView}).
     *
     * @param change its result is the record before the change
     */
    public Mono<String> ending(Mono<String> change, String subject) {
        return logged(change, record -> Map.of(subject,
                record.map(text -> ENDED + ChangeView.digest(text)).orElse(CHANGED)),
                (written, record) -> record.ifPresentOrElse(text -> written.ended(subject, text),
                        () -> written.changed(subject)));
    }

    /**
     * Runs a command that may change these subjects. If it returns a result, nothing is logged here: the caller sees
     * from the result what has changed, and logs that. If it fails or returns nothing, all subjects are logged as
     * changed.
     */
    public <T> Mono<T> changingIfReported(Mono<T> command, String... subjects) {
        return logged(command, result -> result.isPresent() ? Map.of() : all(CHANGED, List.of(subjects)), (_, _) -> {});
    }

    /** Drops what this gate remembers about a subject; other gates are not notified. */
    public void forget(String subject) {
        view.changed(subject);
    }

    private interface Entry<T> {
        /**
         * The entry to log: by subject, what happened to it.
         *
         * @param result the result of the change; empty when it had none, or when the outcome is unknown
         */
        Map<String, String> after(Optional<T> result);
    }

    /**
     * Logs the change whatever its outcome, if anything was sent for it: a change that failed may still have been
     * applied.
     *
     * @param note records the change for calls that wait for replicas
     */
    private <T> Mono<T> logged(Mono<T> change, Entry<T> entry, BiConsumer<CallChanges, Optional<T>> note) {
        return Mono.deferContextual(context -> {
            SendTracker sent = SendTracker.within(context);
            Runnable unknown = () -> {
                if (sent.isAnything()) {
                    later(entry.after(Optional.empty()));
                }
            };
            return change.map(Optional::of).defaultIfEmpty(Optional.empty())
                    .doOnCancel(unknown).doOnError(_ -> unknown.run())
                    // The change may have been made by an earlier step that this tracker did not see.
                    .doOnNext(_ -> sent.mark())
                    .doOnNext(result -> CallChanges.in(context).ifPresent(written -> note.accept(written, result)))
                    .contextWrite(inner -> inner.put(SendTracker.class, sent));
        }).flatMap(result -> Mono.deferContextual(context -> append(entry.after(result))
                .doOnNext(place -> CallChanges.in(context).ifPresent(written -> written.logged(place)))
                .thenReturn(result)))
                .flatMap(Mono::justOrEmpty);
    }

    private static Map<String, String> all(String what, Collection<String> subjects) {
        Map<String, String> entry = new LinkedHashMap<>();
        for (String subject : subjects) {
            entry.put(subject, what);
        }
        return entry;
    }

    /**
     * The position of a change in the log.
     *
     * @param log    the ID of the log
     * @param number the number of the change
     */
    record Place(String log, long number) {
        private static final Pattern TEXT = Pattern.compile("([0-9a-f]{0,32})-([0-9]{1,18})");

        /** The place as one word. */
        String text() {
            return log + "-" + number;
        }

        /** The place that {@link #text} wrote; empty for anything else. */
        static Optional<Place> parse(String text) {
            Matcher parts = TEXT.matcher(text);
            return parts.matches()
                    ? Optional.of(new Place(parts.group(1), Long.parseLong(parts.group(2))))
                    : Optional.empty();
        }
    }

    private Mono<Place> append(Map<String, String> entry) {
        if (entry.isEmpty()) {
            return Mono.empty();
        }
        apply(view, entry);
        return send(entry).doOnError(_ -> later(entry));
    }

    private Mono<Place> send(Map<String, String> entry) {
        List<String> arguments = new ArrayList<>(List.of(LogHead.newId(), Integer.toString(length)));
        entry.forEach((subject, what) -> {
            arguments.add(subject);
            arguments.add(what);
        });
        return append.list(redis, new String[]{HEAD, LOG}, arguments.toArray(String[]::new))
                .map(place -> new Place(place.get(0), Long.parseLong(place.get(1))));
    }

    /**
     * Queues an entry until the log can be reached. A record that was created may be revoked again by then, so the
     * entry only says that it changed.
     */
    private void later(Map<String, String> failed) {
        if (failed.isEmpty()) {
            return;
        }
        apply(view, failed);
        Map<String, String> entry = new LinkedHashMap<>(failed);
        entry.replaceAll((_, what) -> what.equals(MADE) ? CHANGED : what);
        unsent.add(entry);
    }

    /** Appends the first queued entry. */
    Mono<Void> flushOne() {
        return unsent.flushOne(this::send);
    }

    /** Whether a queued entry is due. */
    boolean isWaiting() {
        return unsent.isWaiting();
    }

    /** How many changes wait for the log to be reachable. */
    public int unsent() {
        return unsent.count();
    }

    /** Applies a change to a view. */
    static void apply(ChangeView view, Map<String, String> entry) {
        entry.forEach((subject, what) -> {
            if (subject.equals(EVERYTHING)) {
                view.startEpoch();
            } else if (what.equals(CHANGED)) {
                view.changed(subject);
            } else if (what.equals(MADE)) {
                view.recordCreated(subject);
            } else if (what.startsWith(ENDED)) {
                view.recordRevoked(subject, what.substring(ENDED.length()));
            } else {
                // Written by a later version of the gate; it may mean anything.
                view.startEpoch();
            }
        });
    }
}
