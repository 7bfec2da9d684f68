package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of a chunked body (RFC 9112, section 7.1) without buffering it. Refuses everything that Netty's codec
 * refuses, because some readers of the gate have no codec behind them.
 */
public final class ChunkedBody {
    private static final int MAX_SIZE_DIGITS = 15;
    /** The maximum number of bytes of chunk extensions, and of trailer fields, in one body. */
    private static final int MAX_EXTRAS = 8 * 1024;
    /**
     * Characters that names and unquoted values of extensions must not contain. Like the codec, the gate accepts a
     * quote within them.
     */
    private static final String DELIMITERS = "(),/:<=>?@[\\]{}";

    private State state = State.SIZE;
    private long left;
    private int digits;
    private int extras;

    private enum State {
        SIZE,
        /** Blanks between the size and an extension. */
        SIZE_BLANK,
        EXTENSION_NAME,
        /** Blanks between the equals sign and the value. */
        EXTENSION_VALUE,
        EXTENSION_TOKEN,
        EXTENSION_QUOTED,
        EXTENSION_ESCAPED,
        /** Blanks after a quoted value. */
        EXTENSION_END,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        END_LF,
        ENDED
    }

    /**
     * Moves the reader index past the bytes that belong to the body.
     *
     * @return whether the body has ended there
     */
    boolean advance(ByteBuf in) throws BadResponseException {
        return advance(in, ByteBuf::skipBytes);
    }

    /**
     * The same, for a reader of the data.
     *
     * @param data moves the reader index past the given number of bytes, which are data
     */
    public boolean advance(ByteBuf in, ObjIntConsumer<ByteBuf> data) throws BadResponseException {
        while (state != State.ENDED && in.isReadable()) {
            if (state == State.DATA) {
                int now = (int) Math.min(left, in.readableBytes());
                data.accept(in, now);
                left -= now;
                state = left == 0 ? State.DATA_CR : State.DATA;
            } else {
                state = next(in.readByte());
            }
        }
        return state == State.ENDED;
    }

    private State next(byte b) throws BadResponseException {
        return switch (state) {
            case SIZE -> size(b);
            case SIZE_BLANK -> sizeBlank(b);
            case EXTENSION_NAME, EXTENSION_VALUE, EXTENSION_TOKEN, EXTENSION_QUOTED, EXTENSION_ESCAPED, EXTENSION_END ->
                bounded(extension(b));
            case SIZE_LF -> startChunk(expect(b, '\n', State.DATA));
            case DATA_CR -> expect(b, '\r', State.DATA_LF);
            case DATA_LF -> expect(b, '\n', State.SIZE);
            case TRAILER_START -> b == '\r' ? State.END_LF : name(b, State.TRAILER_NAME);
            case TRAILER_NAME -> b == ':' ? State.TRAILER_VALUE : name(b, State.TRAILER_NAME);
            case TRAILER_VALUE -> b == '\r' ? State.TRAILER_LF : text(b, State.TRAILER_VALUE);
            case TRAILER_LF -> expect(b, '\n', State.TRAILER_START);
            case END_LF -> expect(b, '\n', State.ENDED);
            case DATA, ENDED -> throw new IllegalStateException("no byte is expected in this state");
        };
    }

    private State size(byte b) throws BadResponseException {
        int digit = b < 0 ? -1 : Character.digit(b, 16);
        if (digit >= 0) {
            if (++digits > MAX_SIZE_DIGITS) {
                throw new BadResponseException("the size of a chunk has too many digits");
            }
            left = left << 4 | digit;
            if (left > Integer.MAX_VALUE) {
                throw new BadResponseException("the size of a chunk is too large");
            }
            return State.SIZE;
        }
        if (digits == 0) {
            throw new BadResponseException("the size of a chunk is not a hexadecimal number");
        }
        return switch (b) {
            case '\r' -> State.SIZE_LF;
            case ';' -> State.EXTENSION_NAME;
            case ' ', '\t' -> bounded(State.SIZE_BLANK);
            default -> throw new BadResponseException("the size of a chunk is not a hexadecimal number");
        };
    }

    private State sizeBlank(byte b) throws BadResponseException {
        return switch (b) {
            case ';' -> State.EXTENSION_NAME;
            case ' ', '\t' -> bounded(State.SIZE_BLANK);
            default -> throw new BadResponseException("the size of a chunk is not a hexadecimal number");
        };
    }

    /** Quoted text must be ASCII, too: the codec fails at other bytes. */
    private State extension(byte b) throws BadResponseException {
        boolean blank = b == ' ' || b == '\t';
        boolean visible = b > ' ' && b < 0x7f;
        boolean token = visible && DELIMITERS.indexOf(b) < 0;
        @Nullable State next = switch (state) {
            case EXTENSION_NAME -> switch (b) {
                case '\r' -> State.SIZE_LF;
                case '=' -> State.EXTENSION_VALUE;
                default -> token || blank ? state : null;
            };
            case EXTENSION_VALUE ->
                blank ? state : b == '"' ? State.EXTENSION_QUOTED : token ? State.EXTENSION_TOKEN : null;
            case EXTENSION_TOKEN -> switch (b) {
                case '\r' -> State.SIZE_LF;
                case ';' -> State.EXTENSION_NAME;
                default -> token ? state : null;
            };
            case EXTENSION_QUOTED -> switch (b) {
                case '\\' -> State.EXTENSION_ESCAPED;
                case '"' -> State.EXTENSION_END;
                default -> visible || blank ? state : null;
            };
            case EXTENSION_ESCAPED -> visible || blank ? State.EXTENSION_QUOTED : null;
            case EXTENSION_END -> switch (b) {
                case '\r' -> State.SIZE_LF;
                case ';' -> State.EXTENSION_NAME;
                default -> blank ? state : null;
            };
            default -> null;
        };
        if (next == null) {
            throw new BadResponseException("the extension of a chunk is malformed");
        }
        return next;
    }

    private State startChunk(State data) {
        digits = 0;
        return left == 0 ? State.TRAILER_START : data;
    }

    private State name(byte b, State same) throws BadResponseException {
        if (!Tokens.isToken(b)) {
            throw new BadResponseException("a trailer line does not start with a name and a colon");
        }
        return bounded(same);
    }

    private State text(byte b, State same) throws BadResponseException {
        if (!Tokens.isText(b)) {
            throw new BadResponseException("a line of a chunked body contains a control character");
        }
        return bounded(same);
    }

    private State bounded(State same) throws BadResponseException {
        if (++extras > MAX_EXTRAS) {
            throw new BadResponseException("the extensions and trailers of a chunked body are too long");
        }
        return same;
    }

    private static State expect(byte b, char wanted, State next) throws BadResponseException {
        if (b != wanted) {
            throw new BadResponseException("a chunk does not have the length that its size states");
        }
        return next;
    }
}
