package dev.postern.management;

import dev.postern.transfer.DocumentLine;
import dev.postern.transfer.LineFault;
import java.time.Duration;
import java.util.Arrays;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Flux;

/** Reads the lines of a document from the body of a call, within bounds. */
final class DocumentLines {
    /** Large enough for a project with the maximum number of devices. */
    static final int MAX_LINE = 2 * 1024 * 1024;
    /** The maximum size of a document. */
    static final long MAX_BODY = 256L * 1024 * 1024;
    /** Longer than the gate waits for Redis in an outage, during which it reads nothing. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private DocumentLines() {}

    static Flux<Line> of(ServerRequest request) {
        return Flux.defer(() -> {
            long[] received = {0};
            // A stalled client must not occupy the import slot.
            Flux<DataBuffer> body = request.body(BodyExtractors.toDataBuffers()).timeout(LONGEST_SILENCE,
                    Flux.error(() -> new ProblemException(Problem.REQUEST_MALFORMED,
                            "Nothing was received for " + LONGEST_SILENCE.toSeconds() + " s.")));
            return LineSplitter.split(body.doOnNext(buffer -> {
                received[0] += buffer.readableByteCount();
                if (received[0] > MAX_BODY) {
                    throw new ProblemException(Problem.BODY_TOO_LARGE,
                            "The document has more than " + MAX_BODY + " bytes.");
                }
            }), MAX_LINE);
        });
    }

    static boolean isBlank(Line line) {
        for (byte character : line.bytes()) {
            if (character != ' ' && character != '\t') {
                return false;
            }
        }
        return !line.tooLong();
    }

    static DocumentLine read(Line line) {
        if (line.tooLong()) {
            return DocumentLine.faulty(line.number(),
                    LineFault.malformed("The line has more than " + MAX_LINE + " bytes."));
        }
        byte[] bytes = line.bytes();
        // Some programs write a mark at the start of a file.
        boolean marked = line.number() == 1 && bytes.length >= 3
                && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3);
        try {
            return DocumentLine.of(line.number(), bytes.length,
                    JsonBody.object("line", marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes));
        } catch (ProblemException malformed) {
            return DocumentLine.faulty(line.number(), LineFault.malformed(malformed.detail()));
        }
    }
}
