package dev.postern.inbound;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The present time as the header {@code Date} has it. */
public final class HttpDate {
    private static final long MILLIS_PER_SECOND = 1000;
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter
            .ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);

    /** Caches the formatted current second, because formatting takes longer than the rest of a response. */
    private volatile Second latest = new Second(0);

    private record Second(long second, AsciiString text) {
        Second(long second) {
            this(second, AsciiString.of(IMF_FIXDATE.format(Instant.ofEpochSecond(second))));
        }
    }

    public AsciiString now() {
        long second = System.currentTimeMillis() / MILLIS_PER_SECOND;
        Second known = latest;
        if (known.second() != second) {
            known = new Second(second);
            latest = known;
        }
        return known.text();
    }
}
