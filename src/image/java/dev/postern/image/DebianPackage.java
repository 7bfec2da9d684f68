package dev.postern.image;

/**
 * A package of the build machine from which files are in the image.
 *
 * @param name         without the architecture
 * @param version      as Debian writes it
 * @param architecture as Debian calls it
 * @param distribution the {@code ID} and {@code VERSION_ID} of the build machine, such as {@code debian-12}
 * @param record       its record in the database of packages
 */
record DebianPackage(String name, String version, String architecture, String distribution, String record) {
    static DebianPackage of(String record, String distribution) {
        return new DebianPackage(field(record, "Package"), field(record, "Version"), field(record, "Architecture"),
                distribution, record);
    }

    private static String field(String record, String name) {
        return record.lines().filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " in:\n" + record));
    }

    /** Its package URL, by which scanners look up its vulnerabilities. */
    String purl() {
        return "pkg:deb/" + distribution.replaceFirst("-.*", "") + "/" + name + "@" + version.replace("+", "%2B")
                + "?arch=" + architecture + "&distro=" + distribution;
    }
}
