package dev.postern.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotMapTest {
    private static final int LETTERS = 11;

    /** Whoever adds devices chooses their IDs. "Aa" and "BB" have the same hash code in Java. */
    @Test
    void findsIdsQuicklyThatSomebodyChoseToCollide() {
        List<byte[]> ids = new ArrayList<>();
        for (int number = 0; number < 1 << LETTERS; number++) {
            StringBuilder id = new StringBuilder();
            for (int bit = 0; bit < LETTERS; bit++) {
                id.append((number >> bit & 1) == 0 ? "Aa" : "BB");
            }
            ids.add(id.toString().getBytes(StandardCharsets.UTF_8));
        }
        SlotMap map = new SlotMap();
        for (int slot = 0; slot < ids.size(); slot++) {
            map.put(ids.get(slot), slot);
        }
        int[] compared = {0};
        for (int slot = 0; slot < ids.size(); slot++) {
            assertThat(map.find(ids.get(slot), (at, id) -> {
                compared[0]++;
                return Arrays.equals(ids.get(at), id);
            })).isEqualTo(slot);
        }
        assertThat(compared[0]).isLessThan(2 * ids.size());
    }
}
