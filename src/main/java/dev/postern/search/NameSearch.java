package dev.postern.search;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** Searches a short list of names for a term. {@link NameTable} searches long ones, with the same result. */
public final class NameSearch {
    private NameSearch() {}

    /** The matching items, the best match first. */
    public static <T> List<T> find(List<T> all, Function<T, String> name, String term) {
        record Ranked<T>(T item, String name, int rank) {}
        FuzzyTerm wanted = new FuzzyTerm(term);
        return all.stream().map(item -> new Ranked<>(item, name.apply(item), rank(name.apply(item), wanted)))
                .filter(ranked -> ranked.rank() != FuzzyTerm.NO_MATCH)
                .sorted(Comparator.<Ranked<T>>comparingInt(Ranked::rank)
                        .thenComparingInt(ranked -> ranked.name().length()).thenComparing(Ranked::name))
                .map(Ranked::item).toList();
    }

    /** The distance between name and term, 0 if they are equal; empty if they do not match. */
    static OptionalInt rank(String name, String term) {
        int rank = rank(name, new FuzzyTerm(term));
        return rank == FuzzyTerm.NO_MATCH ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    private static int rank(String name, FuzzyTerm term) {
        char[] folded = FuzzyTerm.folded(name).toCharArray();
        return term.rank(folded, 0, folded.length);
    }
}
