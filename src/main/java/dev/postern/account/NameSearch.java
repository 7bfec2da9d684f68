package dev.postern.account;

import java.text.Normalizer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Function;

/** Searches names for a term, ignoring case and tolerating a few typos. The term may match any part of a name. */
public final class NameSearch {
    /** Terms of at least this length may have one typo; terms of at least {@link #TWO_TYPOS} characters, two. */
    private static final int ONE_TYPO = 4;
    private static final int TWO_TYPOS = 8;

    private NameSearch() {}

    /** The matching items, the best match first. */
    public static <T> List<T> find(List<T> all, Function<T, String> name, String term) {
        record Ranked<T>(T item, String name, int rank) {}
        return all.stream().map(item -> new Ranked<>(item, name.apply(item), rank(name.apply(item), term).orElse(-1)))
                .filter(ranked -> ranked.rank() >= 0)
                .sorted(Comparator.<Ranked<T>>comparingInt(Ranked::rank)
                        .thenComparingInt(ranked -> ranked.name().length()).thenComparing(Ranked::name))
                .map(Ranked::item).toList();
    }

    /** The distance between name and term, 0 if they are equal; empty if they do not match. */
    static OptionalInt rank(String name, String term) {
        String text = folded(name);
        String wanted = folded(term);
        if (text.equals(wanted)) {
            return OptionalInt.of(0);
        }
        if (text.startsWith(wanted)) {
            return OptionalInt.of(1);
        }
        if (text.contains(wanted)) {
            return OptionalInt.of(beginsAWord(text, wanted) ? 2 : 3);
        }
        int typos = typos(text, wanted);
        int allowed = wanted.length() >= TWO_TYPOS ? 2 : wanted.length() >= ONE_TYPO ? 1 : 0;
        return typos <= allowed ? OptionalInt.of(3 + typos) : OptionalInt.empty();
    }

    private static boolean beginsAWord(String text, String wanted) {
        for (int found = text.indexOf(wanted); found >= 0; found = text.indexOf(wanted, found + 1)) {
            if (found == 0 || !Character.isLetterOrDigit(text.codePointBefore(found))) {
                return true;
            }
        }
        return false;
    }

    private static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT).strip();
    }

    /**
     * The smallest number of edits that turn the term into a part of the text: inserting, deleting or replacing a
     * character, or swapping two neighbours. This is Sellers' algorithm: a table of edit distances whose first row is
     * zero, because the match may begin anywhere.
     */
    private static int typos(String text, String term) {
        int[] beforeLast = new int[text.length() + 1];
        int[] last = new int[text.length() + 1];
        for (int i = 1; i <= term.length(); i++) {
            int[] row = new int[text.length() + 1];
            row[0] = i;
            for (int j = 1; j <= text.length(); j++) {
                int same = term.charAt(i - 1) == text.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(last[j - 1] + same, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && term.charAt(i - 1) == text.charAt(j - 2)
                        && term.charAt(i - 2) == text.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        int fewest = term.length();
        for (int distance : last) {
            fewest = Math.min(fewest, distance);
        }
        return fewest;
    }
}
