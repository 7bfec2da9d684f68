package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@OwnsItsGate
class ChangeViewTest {
    private static final Pattern TRANSITION = Pattern.compile(" {4}(\\S+) --> (\\w+)(:.*)?");
    private static final int LONGEST_WAY = 4;

    private final AtomicLong nanos = new AtomicLong();

    /** What may happen to a gate. */
    private List<Consumer<ChangeView>> events() {
        return List.of(view -> view.caughtUp(nanos.get()), ChangeView::commandAnswered, ChangeView::commandFailed,
                _ -> nanos.addAndGet(ChangeView.LIVE_WITHIN.toNanos() + 1));
    }

    @Test
    void followsTheStateDiagram() throws IOException {
        Set<String> drawn = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("docs", "concepts", "near-cache.md"))) {
            Matcher transition = TRANSITION.matcher(line);
            if (transition.matches()) {
                drawn.add(transition.group(1).replace("[*]", "start") + " " + transition.group(2));
            }
        }

        Set<String> seen = new TreeSet<>();
        seen.add("start " + view().state().name().toLowerCase(Locale.ROOT));
        explore(List.of(), seen);

        assertThat(seen).isEqualTo(drawn);
    }

    private ChangeView view() {
        return new ChangeView(TestRedis.OUTAGE, nanos::get);
    }

    /** Tries each sequence of up to {@link #LONGEST_WAY} events, each from the start. */
    private void explore(List<Consumer<ChangeView>> way, Set<String> seen) {
        if (way.size() == LONGEST_WAY) {
            return;
        }
        for (Consumer<ChangeView> event : events()) {
            ChangeView view = view();
            way.forEach(before -> before.accept(view));
            StoreState from = view.state();
            event.accept(view);
            if (view.state() != from) {
                seen.add((from + " " + view.state()).toLowerCase(Locale.ROOT));
            }
            List<Consumer<ChangeView>> longer = new ArrayList<>(way);
            longer.add(event);
            explore(longer, seen);
        }
    }
}
