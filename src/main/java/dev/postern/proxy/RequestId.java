package dev.postern.proxy;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names one request, in the answer, in the log and towards the backend. Not a secret. */
final class RequestId {
    private RequestId() {}

    static String next() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
