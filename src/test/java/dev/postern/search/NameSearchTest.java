package dev.postern.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameSearchTest {
    @Test
    void putsTheBestMatchFirst() {
        List<String> names = List.of("kitchne", "minikitchen", "the kitchen", "garage", "kitchen lamp", "kitchen");

        assertThat(NameSearch.find(names, Function.identity(), "Kitchen")).containsExactly("kitchen", "kitchen lamp",
                "the kitchen", "minikitchen", "kitchne");
    }

    @Test
    void breaksTiesByLengthThenAlphabet() {
        List<String> names = List.of("lamp 22", "lamp c", "lamp b");

        assertThat(NameSearch.find(names, Function.identity(), "lamp")).containsExactly("lamp b", "lamp c", "lamp 22");
    }

    @ParameterizedTest
    @CsvSource({"kitchen, kitchen, 0", "KITCHEN, kitchen, 0", "' kitchen', kitchen, 0", "kitchen lamp, kitchen, 1",
            "old kitchen, kitchen, 2", "old-kitchen, kitchen, 2", "minikitchen, kitchen, 3",
            "minikitchen kitchen, kitchen, 2", "kitcen, kitchen, 4", "kittchen, kitchen, 4", "kitxhen, kitchen, 4",
            "kicthen, kitchen, 4", "my kicthen lamp, kitchen, 4", "gerage dor opener, garage door, 5",
            "KÜCHE, küche, 0"})
    void ranks(String name, String term, int rank) {
        assertThat(NameSearch.rank(name, term)).hasValue(rank);
    }

    @ParameterizedTest
    @CsvSource({"cat, cut", "ab, ba", "kitchen, garage", "kixxhen, kitchen", "gexage dxr opxner, garage door"})
    void findsNoOtherNames(String name, String term) {
        assertThat(NameSearch.rank(name, term)).isEmpty();
    }

    @Test
    void treatsComposedAndDecomposedLettersAlike() {
        assertThat(NameSearch.rank("Ku\u0308che", "k\u00fcche")).hasValue(0);
    }
}
