package dev.postern.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import reactor.core.publisher.Mono;

/**
 * The log of changes, which all gates follow. Whoever changes something that decisions rest on says so here, after it is done; the
 * caller is answered when it is in the log. What could not be appended is appended as soon as the log can be reached again.
 *
 * <p>A change is about subjects, which are texts: the store does not know what they mean. Each is the key of
 * what was changed, though: by that the server is found whose replicas are to have it ({@link Replication}).
 */
public final class ChangeLog {
    static final String HEAD = "postern:{changes}:head";
    static final String LOG = "postern:{changes}:log";
    /** The subject of an entry that says that anything may have changed. */
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
     * The same log, for changes that are made on another connection: a change and its entry go to the same server, even while
     * one of the connections leads to a server that was replaced.
     */
    ChangeLog on(RedisStore other) {
        return new ChangeLog(other, view, length, unsent);
    }

    /** What this gate knows of changes. */
    public ChangeView view() {
        return view;
    }

    /** Runs a change of these subjects, and logs it. */
    public <T> Mono<T> changing(Mono<T> change, String... subjects) {
        return logged(change, _ -> all(CHANGED, List.of(subjects)),
                (written, _) -> List.of(subjects).forEach(written::changed));
    }

    /** Runs a change that makes a record, perhaps one that was ended before. */
    public <T> Mono<T> making(Mono<T> change, String subject) {
        // Where nothing was made, what has ended stays so.
        return logged(change, made -> Map.of(subject, made.isPresent() ? MADE : CHANGED),
                (written, _) -> written.changed(subject));
    }

    /**
     * Runs a change that ends a record, so that it never counts again as it was.
     *
     * @param change its result is the record as it was
     */
    public Mono<String> ending(Mono<String> change, String subject) {
        return logged(change, record -> Map.of(subject,
                record.map(text -> ENDED + ChangeView.digest(text)).orElse(CHANGED)),
                (written, record) -> record.ifPresentOrElse(text -> written.ended(subject, text),
                        () -> written.changed(subject)));
    }

    /** Runs a command that may change these subjects; what it has changed is logged by whoever learns of it from its result. */
    public <T> Mono<T> perhapsChanging(Mono<T> command, String... subjects) {
        return logged(command, result -> result.isPresent() ? Map.of() : all(CHANGED, List.of(subjects)), (_, _) -> {});
    }

    /** Ends what this gate alone remembers of a subject. */
    public void forget(String subject) {
        view.changed(subject);
    }

    private interface Entry<T> {
        /**
         * What is to be logged: by subject, what has become of it.
         *
         * @param result of the change; empty when it had none, or when nobody knows
         */
        Map<String, String> after(Optional<T> result);
    }

    /**
     * It is logged whatever comes of the change, if anything was sent for it: one that failed may have been made all the same.
     *
     * @param note tells the call of it, where that is to wait for replicas
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
                    // What has come to a result may have been done by what ran before it.
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
     * Where a change is in the log.
     *
     * @param log    id of the log
     * @param number of the change
     */
    record Place(String log, long number) {}

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

    /** To be appended when the log can be reached. What was made may have ended again by then: it is only said to have changed. */
    private void later(Map<String, String> failed) {
        if (failed.isEmpty()) {
            return;
        }
        apply(view, failed);
        Map<String, String> entry = new LinkedHashMap<>(failed);
        entry.replaceAll((_, what) -> what.equals(MADE) ? CHANGED : what);
        unsent.add(entry);
    }

    /** Appends the first of what could not be appended before. */
    Mono<Void> flushOne() {
        return unsent.flushOne(this::send);
    }

    /** Whether anything waits to be appended, and is due. */
    boolean isWaiting() {
        return unsent.isWaiting();
    }

    /** How many changes wait until the log can be reached. */
    public int unsent() {
        return unsent.count();
    }

    /** Makes a view know a change. */
    static void apply(ChangeView view, Map<String, String> entry) {
        entry.forEach((subject, what) -> {
            if (subject.equals(EVERYTHING)) {
                view.missed();
            } else if (what.equals(CHANGED)) {
                view.changed(subject);
            } else if (what.equals(MADE)) {
                view.made(subject);
            } else if (what.startsWith(ENDED)) {
                view.ended(subject, what.substring(ENDED.length()));
            } else {
                // Written by a later version of the gate, and may mean anything.
                view.missed();
            }
        });
    }
}
