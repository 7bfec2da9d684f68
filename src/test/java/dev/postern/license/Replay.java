package dev.postern.license;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Works out from a ledger which devices have a seat, and checks that each entry agrees with the entries before it. */
final class Replay {
    private Replay() {}

    static Set<String> of(List<LicenseLedger.Entry> entries) {
        Set<String> seated = new LinkedHashSet<>();
        for (LicenseLedger.Entry entry : entries) {
            String device = entry.device().value();
            switch (entry.event()) {
                case "taken" -> assertThat(seated.add(device)).as("%s had no seat", device).isTrue();
                case "lost" -> assertThat(seated.remove(device)).as("%s had a seat", device).isTrue();
                case "moved" -> {
                    assertThat(seated.remove(entry.from().orElseThrow().value())).isTrue();
                    assertThat(seated.add(device)).isTrue();
                }
                default -> throw new AssertionError(entry.toString());
            }
            assertThat(seated).as("what %s says is used", entry.id()).hasSize((int) entry.used());
        }
        return seated;
    }
}
