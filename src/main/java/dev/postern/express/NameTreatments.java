package dev.postern.express;

import dev.postern.call.ClientHeaders;
import dev.postern.call.ClientHeaders.Treatment;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How headers are treated, by the bytes of their names. Keeps the answers for some names, because the same few names
 * come with every call. Belongs to one event loop.
 */
final class NameTreatments {
    private static final int SIZE = 256;
    /** Longer names are not kept, so that the memory is bounded. */
    private static final int LONGEST = 64;

    private final Set<String> hopByHop;
    private final @Nullable Known[] known = new Known[SIZE];

    private record Known(byte[] name, Treatment treatment) {
        boolean is(byte[] bytes, int from, int to) {
            return Arrays.equals(name, 0, name.length, bytes, from, to);
        }
    }

    /** @param hopByHop names of headers that are for one hop only, in lower case */
    NameTreatments(Set<String> hopByHop) {
        this.hopByHop = hopByHop;
    }

    /** How a header of a client is treated. Those that describe the framing of the request are dropped, too. */
    Treatment ofClient(PlainHead head, int line) {
        int from = head.nameStart(line);
        int to = head.nameEnd(line);
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + head.bytes[i];
        }
        int slot = (hash ^ hash >>> 16) & (SIZE - 1);
        Known present = known[slot];
        if (present != null && present.is(head.bytes, from, to)) {
            return present.treatment();
        }
        Treatment treatment = of(head.name(line));
        if (to - from <= LONGEST) {
            known[slot] = new Known(Arrays.copyOfRange(head.bytes, from, to), treatment);
        }
        return treatment;
    }

    private Treatment of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return hopByHop.contains(lower) || lower.equals("host") || lower.equals("content-length")
                || lower.equals("transfer-encoding") || lower.equals("connection")
                        ? Treatment.DROPPED
                        : ClientHeaders.of(name);
    }
}
