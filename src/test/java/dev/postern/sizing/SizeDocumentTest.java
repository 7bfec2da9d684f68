package dev.postern.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.GeneratedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;

/**
 * The tables and the picture of {@code docs/how-to/size.md} are what the model says. Run with
 * {@code -Ddocuments.write=true}, this test writes them.
 */
class SizeDocumentTest {
    private static final Path PAGE = Path.of("docs/how-to/size.md");
    private static final Path PICTURE = Path.of("docs/how-to/pictures/size.svg");

    @Test
    void hasTheTablesOfTheModel() throws IOException {
        List<Plan> plans = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (double calls : List.of(1e4, 1e5, 1e6)) {
            for (SizeTables.Use use : SizeTables.Use.values()) {
                plans.add(use.plan(calls));
                names.add(use.word());
            }
        }

        GeneratedPart.check(PAGE, SizeDocumentTest.class, String.join("\n", "", SizeTables.needs(plans, names),
                "![Gates and primaries of Redis against calls per second](pictures/size.svg)\n",
                "What keeps Redis busy, in threads:\n", SizeTables.threads(plans, names),
                "Calls that find what they need in the memory of a gate, by the calls per second of that gate:\n",
                SizeTables.hits(List.of(1e3, 1e4)),
                "How busy the log of changes keeps the thread of the Redis that has it:\n",
                SizeTables.changes(List.of(2, 10, 30, 100), List.of(0.0, 1.0, 10.0, 100.0, 1000.0)),
                "What is in the memory of Redis after two years:\n", SizeTables.memory(plans.getFirst()), ""));
        GeneratedPart.checkFile(PICTURE, SizeDocumentTest.class, new SizePicture().draw());
    }

    @Test
    void namesEachFigureThatCanBeReplaced() throws IOException {
        String page = Files.readString(PAGE);

        assertThat(Arrays.stream(Deployment.class.getRecordComponents())).allMatch(
                figure -> page.contains("`" + figure.getName() + "`"));
        assertThat(Deployments.with(Map.of("calls", "50000")).calls()).isEqualTo(50_000);
        assertThatThrownBy(() -> Deployments.with(Map.of("call", "50000"))).isInstanceOf(BindException.class);
    }
}
