package dev.postern.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every link between the documents leads somewhere, every document can be reached, and README and ARCHITECTURE are
 * short.
 */
class DocumentLinksTest {
    private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?) *");
    private static final int README_BYTES = 8 * 1024;
    private static final int ARCHITECTURE_BYTES = 10 * 1024;

    @Test
    void haveNoBrokenLinks() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            for (String target : links(document)) {
                links++;
                if (!leadsSomewhere(document, target)) {
                    broken.add(document + ": " + target);
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(100);
    }

    @Test
    void areAllReachableFromTheReadme() throws IOException {
        Set<Path> reached = new HashSet<>();
        List<Path> next = new ArrayList<>(List.of(Path.of("README.md")));
        while (!next.isEmpty()) {
            Path document = next.removeLast();
            if (reached.add(document)) {
                for (String target : links(document)) {
                    Path file = file(document, target);
                    if (file.toString().endsWith(".md") && Files.exists(file)) {
                        next.add(file);
                    }
                }
            }
        }

        assertThat(documents()).allMatch(reached::contains, "can be reached from README.md");
    }

    @Test
    void beginWithTwoShortOnes() throws IOException {
        assertThat(Files.size(Path.of("README.md"))).isLessThanOrEqualTo(README_BYTES);
        assertThat(Files.size(Path.of("ARCHITECTURE.md"))).isLessThanOrEqualTo(ARCHITECTURE_BYTES);
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> root = Files.list(Path.of(""));
                Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> helm = Files.walk(Path.of("helm"))) {
            return Stream.of(root, docs, helm).flatMap(Function.identity())
                    .filter(file -> file.toString().endsWith(".md")).sorted().toList();
        }
    }

    /** The links that lead to other files or to other places of the same file. */
    private static List<String> links(Path document) throws IOException {
        List<String> found = new ArrayList<>();
        Matcher link = LINK.matcher(String.join("\n", prose(document)).replaceAll("`[^`\n]*`", "code"));
        while (link.find()) {
            if (!link.group(1).matches("[a-z]+:.*")) {
                found.add(link.group(1));
            }
        }
        return found;
    }

    private static Path file(Path document, String target) {
        String path = target.replaceFirst("#.*", "");
        return path.isEmpty()
                ? document
                : document.toAbsolutePath().resolveSibling(path).normalize()
                        .subpath(Path.of("").toAbsolutePath().getNameCount(),
                                document.toAbsolutePath().resolveSibling(path).normalize().getNameCount());
    }

    private static boolean leadsSomewhere(Path document, String target) throws IOException {
        Path file = file(document, target);
        int anchor = target.indexOf('#');
        return Files.exists(file)
                && (anchor < 0 || anchors(file).contains(target.substring(anchor + 1)));
    }

    /** The anchors that GitHub makes of headings. */
    private static Set<String> anchors(Path document) throws IOException {
        Map<String, Integer> times = new HashMap<>();
        Set<String> anchors = new HashSet<>();
        for (String line : prose(document)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-');
                int before = times.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    /** The lines outside of code. */
    private static List<String> prose(Path document) throws IOException {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : Files.readAllLines(document)) {
            if (line.startsWith("```")) {
                code = !code;
            } else if (!code && !line.startsWith("    ")) {
                prose.add(line);
            }
        }
        return prose;
    }
}
