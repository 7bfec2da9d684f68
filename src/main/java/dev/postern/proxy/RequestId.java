package dev.postern.proxy;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Identifies one request in the response, in the log and to the backend. Not a secret. */
final class RequestId {
    private RequestId() {}

    static String next() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
