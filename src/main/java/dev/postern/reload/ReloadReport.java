package dev.postern.reload;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a reload has done.
 *
 * @param apis     the APIs that differ
 * @param backends the named backends that differ
 * @param settings other settings that have changed and are in use now
 * @param restart  settings that have changed since the start, and will be in use after a restart
 * @param mistake  why the files were refused; empty unless the outcome is {@link Outcome#REFUSED}
 */
public record ReloadReport(Outcome outcome, Difference apis, Difference backends, List<String> settings,
        List<String> restart, Optional<Mistake> mistake) {
    /** How a reload can end. */
    public enum Outcome {
        /** A new version is in use. */
        CHANGED,
        /** Nothing that can be reloaded has changed. */
        UNCHANGED,
        /** The files were refused; the version before them is in use. */
        REFUSED;

        /** The value in replies and of the label {@code outcome}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Names that were added, removed or changed, in order. */
    public record Difference(List<String> added, List<String> removed, List<String> changed) {
        public static final Difference NONE = new Difference(List.of(), List.of(), List.of());

        /** Compares two maps, with a test of whether two values of one key are the same. */
        public static <T> Difference of(Map<String, T> before, Map<String, T> after, BiPredicate<T, T> same) {
            return new Difference(without(after, before), without(before, after),
                    sorted(before.keySet().stream().filter(after::containsKey)
                            .filter(key -> !same.test(before.get(key), after.get(key)))));
        }

        private static List<String> without(Map<String, ?> all, Map<String, ?> taken) {
            return sorted(all.keySet().stream().filter(key -> !taken.containsKey(key)));
        }

        private static List<String> sorted(Stream<String> names) {
            return List.copyOf(names.collect(Collectors.toCollection(TreeSet::new)));
        }

        @Override
        public String toString() {
            return added.size() + " added, " + removed.size() + " removed, " + changed.size() + " changed";
        }
    }

    /** The files were refused. */
    public static ReloadReport refused(Mistake why) {
        return new ReloadReport(Outcome.REFUSED, Difference.NONE, Difference.NONE, List.of(), List.of(),
                Optional.of(why));
    }
}
