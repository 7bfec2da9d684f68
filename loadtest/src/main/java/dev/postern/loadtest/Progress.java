package dev.postern.loadtest;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Says on the standard error output what is being done, with the time since the start. */
final class Progress {
    private final Instant start = Instant.now();

    void say(String what) {
        Duration since = Duration.between(start, Instant.now());
        System.err.println(String.format(Locale.ROOT, "[%2d:%02d] %s", since.toMinutes(), since.toSecondsPart(), what));
    }
}
