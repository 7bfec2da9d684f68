package dev.postern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Checks the code against the table of packages in ARCHITECTURE.md, and against rules for names and sizes. */
class ArchitectureTest {
    private static final String BASE = "dev.postern.";
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("access", Set.of()),
            Map.entry("wire", Set.of()),
            Map.entry("backend", Set.of("access", "catalog", "telemetry", "wire")),
            Map.entry("jose", Set.of("access", "wire")),
            Map.entry("catalog", Set.of("access")),
            Map.entry("store", Set.of()),
            Map.entry("search", Set.of("access", "store")),
            Map.entry("account", Set.of("access", "search", "store")),
            Map.entry("credential", Set.of("access", "account", "jose", "store")),
            Map.entry("authentication", Set.of("access", "account", "credential", "jose", "store")),
            Map.entry("issuance", Set.of("access", "account", "credential", "jose", "search", "store")),
            Map.entry("license", Set.of("access", "account", "search", "store")),
            Map.entry("usage", Set.of("access", "account", "credential", "store")),
            Map.entry("audit", Set.of("access", "store")),
            Map.entry("operator", Set.of("access", "account", "store")),
            Map.entry("oidc", Set.of("access", "account", "jose", "operator", "store", "telemetry", "wire")),
            Map.entry("transfer", Set.of("access", "account", "credential", "issuance", "license", "store")),
            Map.entry("console",
                    Set.of("audit", "management", "oidc", "operator", "store")),
            Map.entry("telemetry", Set.of("access")),
            Map.entry("reload", Set.of("telemetry")),
            Map.entry("inbound", Set.of("access", "telemetry")),
            Map.entry("decision",
                    Set.of("access", "account", "authentication", "catalog", "credential", "inbound", "license",
                            "store")),
            Map.entry("call",
                    Set.of("access", "authentication", "backend", "catalog", "decision", "inbound", "store",
                            "telemetry", "usage", "wire")),
            Map.entry("express",
                    Set.of("access", "backend", "call", "catalog", "decision", "inbound", "telemetry", "wire")),
            Map.entry("proxy",
                    Set.of("access", "backend", "call", "catalog", "decision", "inbound", "license", "telemetry",
                            "wire")),
            Map.entry("protocol",
                    Set.of("access", "account", "audit", "authentication", "credential", "inbound", "issuance",
                            "store", "telemetry")),
            Map.entry("management",
                    Set.of("access", "account", "audit", "catalog", "credential", "decision", "inbound", "issuance",
                            "jose", "license", "operator", "reload", "store", "telemetry", "transfer", "usage")),
            Map.entry("demo",
                    Set.of("access", "account", "call", "catalog", "credential", "issuance", "license", "store")));

    private static final Pattern ROW = Pattern.compile("\\| `([a-z]+)` \\|[^|]*\\|([^|]*)\\|");
    private static final Pattern PACKAGE = Pattern.compile("`([a-z]+)`");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.postern");

    static Set<String> packages() {
        return MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void usesOnlyThePackagesThatItMay(String name) {
        Set<String> allowed = new HashSet<>(Objects.requireNonNull(MAY_USE.get(name)));
        allowed.add(name);
        noClasses().that().resideInAPackage(BASE + name + "..").should().dependOnClassesThat(
                new DescribedPredicate<JavaClass>("are of other packages than " + allowed) {
                    @Override
                    public boolean test(JavaClass used) {
                        return used.getPackageName().startsWith("dev.postern") && !allowed.contains(firstPackage(used));
                    }
                }).check(CLASSES);
    }

    @Test
    void hasOnlyPackagesInTheTable() {
        Set<String> known = new HashSet<>(MAY_USE.keySet());
        known.add("");
        assertThat(CLASSES.stream().map(ArchitectureTest::firstPackage)).isSubsetOf(known);
    }

    /** The rows of subpackages have a dot in the first column and are skipped. */
    @Test
    void isWhatTheDocumentSays() throws IOException {
        Map<String, Set<String>> documented = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("ARCHITECTURE.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), PACKAGE.matcher(row.group(2)).results().map(used -> used.group(1))
                        .collect(Collectors.toSet()));
            }
        }
        assertThat(documented).isEqualTo(MAY_USE);
    }

    private static String firstPackage(JavaClass of) {
        String name = of.getPackageName();
        return name.equals("dev.postern") ? "" : name.substring(BASE.length()).replaceFirst("\\..*", "");
    }

    @Test
    void keepsTheCoreFreeOfFrameworks() {
        classes().that().resideInAPackage("dev.postern.access..").should().onlyDependOnClassesThat()
                .resideInAnyPackage("dev.postern.access..", "java..", "org.jspecify..").check(CLASSES);
    }

    @Test
    void hasNoCycles() {
        slices().matching("dev.postern.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void keepsTheDialectsApart() {
        slices().matching("dev.postern.protocol.(*)..").should().notDependOnEachOther().allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void usesNoMeaninglessClassNames() {
        for (String suffix : List.of("Impl", "Manager", "Utils", "Util", "Helper", "Dto", "Service")) {
            noClasses().should().haveSimpleNameEndingWith(suffix).check(CLASSES);
        }
        noClasses().should().resideInAnyPackage("..util..", "..common..", "..service..", "..impl..", "..dto..")
                .check(CLASSES);
    }

    @Test
    void keepsFilesShort() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<String> tooLong = files.filter(Files::isRegularFile)
                    .filter(file -> lines(file) > (file.toString().endsWith("Configuration.java") ? 100 : 250))
                    .map(Path::toString).toList();
            assertThat(tooLong).as("more than 250 lines, or 100 of wiring").isEmpty();
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void runsItsTestsUnderBlockHound() {
        assertThatThrownBy(() -> Mono.fromRunnable(() -> {
            try {
                Thread.sleep(1);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }).subscribeOn(Schedulers.parallel()).block()).hasRootCauseInstanceOf(BlockingOperationError.class);
    }
}
