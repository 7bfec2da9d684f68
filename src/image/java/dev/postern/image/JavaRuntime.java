package dev.postern.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Java runtime of the image: the JDK of this build, reduced to the modules that the gate uses. A library that needs
 * another module fails when it is used, with {@code NoClassDefFoundError}: add the module here then.
 */
final class JavaRuntime {
    /** {@code ImageTest} compares this list with what the jars refer to. */
    static final List<String> MODULES = List.of(
            "java.base",
            // java.beans, for Spring and Jackson.
            "java.desktop",
            "java.instrument",
            "java.logging",
            // Metrics of the JVM.
            "java.management", "jdk.management",
            "java.naming",
            "java.net.http",
            // Types in the signatures of Spring, Jackson and Tink, which reflection resolves.
            "java.scripting", "java.sql",
            "java.xml",
            // Lettuce and Netty have JFR events; with these, an operator can record a flight.
            "jdk.jfr",
            "jdk.unsupported");

    /** The security providers in these modules, in the order of the JDK. */
    private static final Set<String> PROVIDERS = Set.of("SUN", "SunRsaSign", "SunEC", "SunJSSE", "SunJCE", "SunSASL",
            "JdkLDAP");
    private static final Pattern PROVIDER = Pattern.compile("security\\.provider\\.\\d+=(\\w+).*");

    private JavaRuntime() {}

    static void link(Path to) throws IOException, InterruptedException {
        Tool.run(List.of(Tool.ofTheJdk("jlink"), "--add-modules", String.join(",", MODULES), "--output", to.toString(),
                "--strip-java-debug-attributes", "--no-header-files", "--no-man-pages",
                "--release-info=" + Path.of(System.getProperty("java.home"), "release"),
                // Libraries for screens, printers and fonts, and commands other than java.
                "--exclude-files=glob:/java.desktop/lib/**,glob:/java.desktop/legal/**,glob:/java.prefs/lib/**,"
                        + "glob:/java.scripting/bin/**,glob:/jdk.jfr/bin/**,glob:/java.base/bin/keytool,"
                        + "glob:/java.base/lib/jexec"));
        removeMissingProviders(to.resolve("conf/security/java.security"));
    }

    /**
     * The JDK's list names providers of modules that are not here. Java would look for these on the class path each
     * time that it goes through the list, and on the way load and verify a library of 10 MB that is not used.
     */
    private static void removeMissingProviders(Path security) throws IOException {
        List<String> kept = new ArrayList<>();
        int providers = 0;
        for (String line : Files.readAllLines(security)) {
            Matcher provider = PROVIDER.matcher(line);
            if (!provider.matches()) {
                kept.add(line);
            } else if (PROVIDERS.contains(provider.group(1))) {
                providers++;
                kept.add("security.provider." + providers + "=" + provider.group(1));
            }
        }
        if (providers != PROVIDERS.size()) {
            throw new IllegalStateException(security + " does not have all of " + PROVIDERS);
        }
        Files.write(security, kept);
    }
}
