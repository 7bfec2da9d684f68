package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Adds a {@code Date} to each response that has none (RFC 9110, section 6.6.1). */
@ChannelHandler.Sharable
final class DateAnswers extends ChannelOutboundHandlerAdapter {
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

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL
                && !response.headers().contains(HttpHeaderNames.DATE)) {
            response.headers().set(HttpHeaderNames.DATE, now());
        }
        context.write(message, promise);
    }

    private AsciiString now() {
        long second = System.currentTimeMillis() / MILLIS_PER_SECOND;
        Second known = latest;
        if (known.second() != second) {
            known = new Second(second);
            latest = known;
        }
        return known.text();
    }
}
