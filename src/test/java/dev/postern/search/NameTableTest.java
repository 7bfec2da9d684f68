package dev.postern.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.search.NameSource.Item;
import dev.postern.search.NameTable.Found;
import dev.postern.support.Thoroughness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameTableTest {
    private static final List<String> WORDS = List.of("kitchen", "Kitchen", "kitchne", "lamp", "LAMP", "Küche", "Tür",
            "灯", "厨房的灯", "😀", "a", "ab", "ba", "aa", "-", "garage door", "gerage", "İstanbul", "ß", "sensor 12",
            "sensor 21", "x".repeat(70), "x".repeat(69) + "y");

    /** A table finds what a search through all names finds, whatever was added, renamed and removed before. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsTheSameAsASearchThroughAllNames(long seed) {
        Random random = new Random(seed);
        NameTable table = new NameTable();
        Map<String, Item> model = new HashMap<>();
        int rounds = Thoroughness.pick(600, 6000);
        for (int round = 0; round < rounds; round++) {
            for (int i = random.nextInt(12); i >= 0; i--) {
                String id = "id-" + random.nextInt(400);
                if (random.nextInt(round % 100 < 50 ? 5 : 2) == 0) {
                    table.remove(id);
                    model.remove(id);
                } else {
                    Item row = new Item(id, random.nextInt(50), random.nextInt(3), name(random));
                    table.put(row);
                    model.put(id, row);
                }
            }
            assertThat(table.size()).isEqualTo(model.size());
            long mark = random.nextInt(4);
            int first = random.nextInt(40);
            int count = 1 + random.nextInt(30);
            String term = random.nextInt(8) == 0 ? null : name(random);
            List<Item> rows = model.values().stream().filter(row -> row.mark() != mark)
                    .sorted(Comparator.comparingLong(Item::order).thenComparing(Item::id)).toList();
            List<Item> all = term == null ? rows : NameSearch.find(rows, Item::name, term);
            Found expected = new Found(all.size(), all.stream().skip(first).limit(count).map(Item::id).toList());

            assertThat(table.find(new NameIndexes.Search(Optional.ofNullable(term), row -> row.mark() != mark, first,
                    count), () -> false)).as("seed %d, term %s", seed, term)
                    .isEqualTo(expected);
        }
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            name.append(WORDS.get(random.nextInt(WORDS.size()))).append(random.nextBoolean() ? " " : "");
        }
        int at = random.nextInt(name.length());
        if (random.nextInt(3) == 0 && !Character.isSurrogate(name.charAt(at))) {
            name.setCharAt(at, (char) ('a' + random.nextInt(3)));
        }
        return name.toString().strip();
    }

    @Test
    void comparesWithManyTyposAsTheTableOfDistancesDoes() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            String term = letters(random, 4 + random.nextInt(12));
            String name = letters(random, 1 + random.nextInt(20));
            assertThat(new FuzzyTerm(term).rank(name.toCharArray(), 0, name.length())).as("%s in %s", term, name)
                    .isEqualTo(slowRank(name, term));
        }
    }

    @Test
    void comparesLongTermsAsTheTableOfDistancesDoes() {
        Random random = new Random(7);
        int matching = 0;
        for (int round = 0; round < 3000; round++) {
            String term = letters(random, 60 + random.nextInt(197));
            StringBuilder name = new StringBuilder(term);
            for (int typo = random.nextInt(5); typo > 0; typo--) {
                int at = random.nextInt(name.length() - 2);
                switch (random.nextInt(4)) {
                    case 0 -> name.deleteCharAt(at);
                    case 1 -> name.insert(at, letters(random, 1));
                    case 2 -> name.setCharAt(at, letters(random, 1).charAt(0));
                    default -> name.insert(at + 1, name.charAt(at)).deleteCharAt(at);
                }
                if (random.nextBoolean()) {
                    name.insert(at, name.charAt(at + 1)).deleteCharAt(at + 2);
                }
            }
            name.insert(0, letters(random, random.nextInt(9))).append(letters(random, random.nextInt(9)));
            int rank = new FuzzyTerm(term).rank(name.toString().toCharArray(), 0, name.length());
            assertThat(rank).as("%s in %s", term, name).isEqualTo(slowRank(name.toString(), term));
            matching += rank == FuzzyTerm.NO_MATCH ? 0 : 1;
        }
        assertThat(matching).isBetween(500, 2800);
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }

    /** Right only for names that consist of letters, because in these no word begins inside the name. */
    private static int slowRank(String name, String term) {
        if (name.startsWith(term)) {
            return name.equals(term) ? 0 : 1;
        }
        if (name.contains(term)) {
            return 3;
        }
        int[][] distances = new int[term.length() + 1][name.length() + 1];
        for (int i = 1; i <= term.length(); i++) {
            distances[i][0] = i;
            for (int j = 1; j <= name.length(); j++) {
                int same = term.charAt(i - 1) == name.charAt(j - 1) ? 0 : 1;
                distances[i][j] = Math.min(distances[i - 1][j - 1] + same,
                        Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
                if (i > 1 && j > 1 && term.charAt(i - 1) == name.charAt(j - 2)
                        && term.charAt(i - 2) == name.charAt(j - 1)) {
                    distances[i][j] = Math.min(distances[i][j], distances[i - 2][j - 2] + 1);
                }
            }
        }
        int fewest = new ArrayList<>(java.util.Arrays.stream(distances[term.length()]).boxed().toList()).stream()
                .min(Comparator.naturalOrder()).orElseThrow();
        return fewest <= (term.length() >= 8 ? 2 : 1) ? 3 + fewest : -1;
    }

    /** A search can take a second, and the next one of its list waits for it. */
    @Test
    void stopsWhenNobodyWaitsAnyMore() {
        NameTable table = new NameTable();
        for (int i = 0; i < 20_000; i++) {
            table.put(new Item("lamp-" + i, 0, 0, "Lamp number " + i));
        }
        for (Optional<String> term : List.of(Optional.of("lamp"), Optional.<String>empty())) {
            int[] checked = {0};
            assertThat(table.find(new NameIndexes.Search(term, _ -> ++checked[0] > 0, 0, 10), () -> checked[0] > 0))
                    .isEqualTo(new Found(0, List.of()));
            assertThat(checked[0]).isBetween(1, 5000);
        }
    }

    @Test
    void takesLessMemoryThanStringsWould() {
        NameTable table = new NameTable();
        for (int i = 0; i < 200_000; i++) {
            table.put(new Item("lamp-" + i, 0, 0, "Lamp number " + i));
        }
        assertThat(table.memory() / table.size()).isLessThan(200);
    }
}
