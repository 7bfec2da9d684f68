package dev.postern.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Remembers the secrets that tests send and receive, and what gates in other processes print. When this JVM ends, they
 * are written to {@link #FOLDER}, where {@code SuiteOutputTest} reads them after all tests.
 */
public final class SuiteOutput {
    /** Files {@code secrets-*}, with one secret a line, and {@code gates-*}. */
    public static final Path FOLDER = Path.of("target", "suite-output").toAbsolutePath();

    /** Shorter values, such as a password of a test, may be a part of other words. */
    private static final String VALUE = "([A-Za-z0-9_.\\-+/=~]{16,})";
    private static final Pattern SENT = Pattern.compile(
            "(?im)^(?:api-key|x-postern-operator|authorization|login-token):\\s*(?:bearer |basic )?" + VALUE);
    private static final Pattern RECEIVED = Pattern.compile(
            "\"[A-Za-z_]*(?:key|token|secret|authcode)\"\\s*:\\s*\"" + VALUE + '"', Pattern.CASE_INSENSITIVE);
    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();
    private static final Queue<String> PRINTED = new ConcurrentLinkedQueue<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(SuiteOutput::write, "suite-output"));
    }

    private SuiteOutput() {}

    static void sent(byte[] request) {
        find(SENT, new String(request, StandardCharsets.ISO_8859_1));
    }

    static void received(byte[] body) {
        find(RECEIVED, new String(body, StandardCharsets.ISO_8859_1));
    }

    private static void find(Pattern pattern, String text) {
        for (Matcher found = pattern.matcher(text); found.find();) {
            SECRETS.add(found.group(1));
        }
    }

    /** Remembers a line that a gate in another process has printed. */
    static void printed(String line) {
        PRINTED.add(line);
    }

    private static void write() {
        try {
            Files.createDirectories(FOLDER);
            Files.write(FOLDER.resolve("secrets-" + ProcessHandle.current().pid()), SECRETS);
            Files.write(FOLDER.resolve("gates-" + ProcessHandle.current().pid()), PRINTED);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
