package dev.postern.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Builds the image, step by step: {@code mvn package -Dimage}. Below {@code target/image} it puts a root file system
 * together, trains the AOT cache in it, and writes it as layers into {@code target/postern-image.tar}.
 */
public final class BuildImage {
    private BuildImage() {}

    /** @param arguments {@code name=value}; {@code pom.xml} has all of them */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> settings = new TreeMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        revision().ifPresent(revision -> settings.put("revision", revision));
        Path tar = build(ImageSettings.of(settings));
        System.out.println("Image: " + tar);
    }

    /** The commit that is built; empty if this is no clone. */
    private static Optional<String> revision() throws InterruptedException {
        try {
            String changes = Tool.run(List.of("git", "status", "--porcelain", "--untracked-files=no"));
            return Optional
                    .of(Tool.run(List.of("git", "rev-parse", "HEAD")).strip() + (changes.isBlank() ? "" : "-dirty"));
        } catch (IllegalStateException | UncheckedIOException noClone) {
            return Optional.empty();
        }
    }

    /**
     * Builds the image.
     *
     * @return the tar file
     */
    static Path build(ImageSettings settings) throws IOException, InterruptedException {
        ImageRoot root = ImageRoot.create(settings.target().resolve("image/root"));
        JavaRuntime.link(root.path(ImageRoot.JAVA));
        new Application(root).extract(settings.jar());
        List<DebianPackage> packages = settings.fromScratch() ? SystemFiles.copyTo(root) : List.of();
        Bom bom = Bom.of(root, packages);
        bom.write(root.path(ImageRoot.APP).resolve("bom.json"));
        bom.write(settings.target().resolve("bom.json"));
        root.setTimes(settings.timestamp());
        if (settings.trained()) {
            new Training(root, settings).run();
            root.setTimes(settings.timestamp());
        }
        Path tar = settings.target().resolve("postern-image.tar");
        Files.deleteIfExists(tar);
        new ImageTar(root, settings).write(tar);
        return tar;
    }
}
