package dev.postern.call;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Identifies one request in the response, in the log and to the backend. Not a secret. */
public final class RequestId {
    private RequestId() {}

    public static String next() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
