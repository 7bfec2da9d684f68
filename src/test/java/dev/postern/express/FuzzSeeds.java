package dev.postern.express;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * The inputs with which a fuzz target starts, from a file of {@code src/test/resources/dev/postern/express}. Each line is
 * one input: printable ASCII, and the escapes {@code \r}, {@code \n}, {@code \t}, <code>&#92;&#92;</code> and {@code \xNN}.
 * Lines that begin with {@code #} are comments.
 */
final class FuzzSeeds {
    private static final Path DIRECTORY = Path.of("src/test/resources/dev/postern/express");

    private FuzzSeeds() {}

    /** @param name of the file, without its extension */
    static List<byte[]> read(String name) {
        try {
            return Files.readAllLines(DIRECTORY.resolve(name + ".seeds")).stream()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).map(FuzzSeeds::parse).toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The file of words that the fuzzer puts into inputs. */
    static Path dictionary(String name) {
        return DIRECTORY.resolve(name + ".dict");
    }

    static byte[] parse(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c < ' ' || c > '~') {
                throw new IllegalArgumentException("not an escape, and not printable ASCII: " + line);
            }
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            char escape = line.charAt(at++);
            switch (escape) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(HexFormat.fromHexDigits(line, at, at + 2));
                    at += 2;
                }
                default -> throw new IllegalArgumentException("an unknown escape \\" + escape + ": " + line);
            }
        }
        return bytes.toByteArray();
    }

    /** An input as a line of the file. */
    static String line(byte[] input) {
        StringBuilder line = new StringBuilder();
        for (char c : new String(input, StandardCharsets.ISO_8859_1).toCharArray()) {
            switch (c) {
                case '\r' -> line.append("\\r");
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                case '\\' -> line.append("\\\\");
                default -> {
                    boolean plain = c >= ' ' && c <= '~' && (c != '#' || !line.isEmpty());
                    line.append(plain ? String.valueOf(c) : "\\x" + HexFormat.of().toHexDigits((byte) c));
                }
            }
        }
        return line.toString();
    }
}
