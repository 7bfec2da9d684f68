package dev.postern.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an image without a base needs from an operating system: the C library, its loader, and a few files in
 * {@code /etc}. The library comes from the Debian of the build machine, with the record of its package, as in distroless
 * images, so that scanners of images know its version.
 */
final class SystemFiles {
    /** A line of {@code ldd}: a library with its path, or the loader, which has only a path. */
    private static final Pattern LIBRARY = Pattern.compile("\\s*(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)");
    private static final Path OS_RELEASE = Path.of("/etc/os-release");

    private final ImageRoot root;

    private SystemFiles(ImageRoot root) {
        this.root = root;
    }

    /** @return the packages that files were copied from */
    static List<DebianPackage> copyTo(ImageRoot root) throws IOException, InterruptedException {
        return new SystemFiles(root).copy();
    }

    private List<DebianPackage> copy() throws IOException, InterruptedException {
        if (!Files.exists(Path.of("/var/lib/dpkg/status"))) {
            throw new IllegalStateException("Without -Dimage.base=<name>@sha256:<digest>, the image gets the C library"
                    + " of the build machine, which must be Debian or a distribution made from it");
        }
        Map<String, DebianPackage> packages = new TreeMap<>();
        for (Path library : libraries()) {
            Path copy = root.path(library.toString().substring(1));
            Files.createDirectories(copy.getParent());
            Files.copy(library.toRealPath(), copy, StandardCopyOption.REPLACE_EXISTING);
            String owner = owner(library);
            if (!packages.containsKey(owner)) {
                packages.put(owner, DebianPackage.of(Tool.run(List.of("dpkg-query", "-s", owner)), distribution()));
            }
        }
        for (DebianPackage used : packages.values()) {
            write("var/lib/dpkg/status.d/" + used.name(), used.record());
            Path copyright = Path.of("/usr/share/doc", used.name(), "copyright");
            write("usr/share/doc/" + used.name() + "/copyright", Files.readString(copyright.toRealPath()));
        }
        write("etc/os-release", Files.readString(OS_RELEASE.toRealPath()));
        write("etc/passwd", "root:x:0:0:root:/:/sbin/nologin\npostern:x:" + ImageRoot.USER + ":" + ImageRoot.USER
                + ":postern:/app:/sbin/nologin\n");
        write("etc/group", "root:x:0:\npostern:x:" + ImageRoot.USER + ":\n");
        write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        return List.copyOf(packages.values());
    }

    private void write(String inside, String text) throws IOException {
        Path file = root.path(inside);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** The libraries outside the image that the programs and libraries in it are linked with. */
    private Set<Path> libraries() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ldd", root.path("opt/java/bin/java").toString()));
        for (String folder : List.of("opt/java/lib", "app/native")) {
            try (Stream<Path> files = Files.walk(root.path(folder))) {
                files.filter(file -> file.toString().endsWith(".so") || file.endsWith("jspawnhelper")).sorted()
                        .forEach(file -> command.add(file.toString()));
            }
        }
        Set<Path> found = new TreeSet<>();
        Path inside = root.folder().toAbsolutePath().normalize();
        Tool.run(command).lines().map(LIBRARY::matcher).filter(Matcher::matches)
                .map(library -> Path.of(library.group(1)).normalize())
                .filter(library -> !library.startsWith(inside)).forEach(found::add);
        return found;
    }

    /** The package that a library belongs to. Debian lists some libraries below /lib, and others below /usr/lib. */
    private static String owner(Path library) throws InterruptedException {
        String path = library.toString();
        String other = path.startsWith("/usr/") ? path.substring("/usr".length()) : "/usr" + path;
        return Tool.output(List.of("dpkg-query", "-S", path, other)).lines()
                .filter(line -> line.endsWith(": " + path) || line.endsWith(": " + other))
                .map(line -> line.substring(0, line.indexOf(": "))).findFirst()
                .orElseThrow(() -> new IllegalStateException("No package has " + path
                        + ": it would be in the image without a version"));
    }

    private static String distribution() throws IOException {
        Map<String, String> values = new TreeMap<>();
        for (String line : Files.readAllLines(OS_RELEASE)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
            }
        }
        return values.getOrDefault("ID", "linux") + "-" + values.getOrDefault("VERSION_ID", "unknown");
    }
}
