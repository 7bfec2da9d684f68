package dev.postern.wire;

import dev.postern.wire.ResponseHead.Body;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;

/**
 * Reads the responses on one connection byte by byte to find where each of them ends. Passes on only the bytes of the
 * final response to a request: interim responses are dropped, and bytes that do not belong to a response stay in the
 * buffer.
 */
final class ResponseReader {
    /** The maximum number of interim responses before a final one. */
    private static final int MAX_INTERIM = 100;
    private static final int FIRST_LOOK = 2 * 1024;

    private final int maxHead;
    private State state = State.IDLE;
    private HttpMethod method = HttpMethod.GET;
    private boolean upgradeAsked;
    private int interim;
    private boolean begun;
    private long left;
    private ResponseHead head = new ResponseHead(200, ResponseHead.Body.NONE, 0, true);
    private ChunkedBody chunks = new ChunkedBody();
    /** The part of a head that has arrived; readable from index 0. */
    private ByteBuf partOfHead = Unpooled.EMPTY_BUFFER;

    enum State {
        /** No request is waiting for a response. */
        IDLE,
        /** The head of the response is expected or has begun. */
        HEAD,
        FIXED,
        CHUNKED,
        UNTIL_CLOSE,
        /** No longer HTTP. */
        UPGRADED
    }

    ResponseReader(int maxHead) {
        this.maxHead = maxHead;
    }

    State state() {
        return state;
    }

    /** Whether any byte has arrived since the request was made. */
    boolean hasBegun() {
        return begun;
    }

    /** Whether the last response has left the connection open. */
    boolean isLasting() {
        return head.lasting();
    }

    void begin(HttpMethod ofRequest, boolean asksForUpgrade) {
        method = ofRequest;
        upgradeAsked = asksForUpgrade;
        interim = 0;
        begun = false;
        state = State.HEAD;
    }

    /**
     * Takes the bytes of the response out of the buffer. Bytes that are left in it when {@link #state} is
     * {@link State#IDLE} afterwards belong to no response.
     *
     * @param in remains owned by the caller
     * @return bytes of the response, perhaps none; owned by the caller
     */
    ByteBuf read(ByteBuf in) throws BadResponseException {
        begun |= in.isReadable();
        ByteBuf first = Unpooled.EMPTY_BUFFER;
        int from = in.readerIndex();
        try {
            while (in.isReadable() && state != State.IDLE) {
                switch (state) {
                    case HEAD -> {
                        boolean passed = partOfHead.isReadable() ? completeHead(in) : readHead(in);
                        if (!passed) {
                            from = in.readerIndex();
                        } else if (partOfHead.isReadable()) {
                            from = in.readerIndex();
                            first = partOfHead;
                            partOfHead = Unpooled.EMPTY_BUFFER;
                        }
                    }
                    case FIXED -> {
                        int now = (int) Math.min(left, in.readableBytes());
                        in.skipBytes(now);
                        left -= now;
                        state = left == 0 ? State.IDLE : State.FIXED;
                    }
                    case CHUNKED -> state = chunks.advance(in) ? State.IDLE : State.CHUNKED;
                    case UNTIL_CLOSE, UPGRADED -> in.skipBytes(in.readableBytes());
                    case IDLE -> throw new IllegalStateException("no response is expected");
                }
            }
        } catch (BadResponseException bad) {
            first.release();
            throw bad;
        }
        ByteBuf rest = in.retainedSlice(from, in.readerIndex() - from);
        return first.isReadable() ? Unpooled.wrappedBuffer(first, rest) : rest;
    }

    /**
     * Takes the bytes of the response out of the buffer, and gives its head and its data to a listener. Bytes that are
     * left in the buffer when {@link #state} is {@link State#IDLE} afterwards belong to no response.
     *
     * @param in remains owned by the caller
     */
    void read(ByteBuf in, ResponseListener listener) throws BadResponseException {
        begun |= in.isReadable();
        while (in.isReadable() && state != State.IDLE) {
            switch (state) {
                case HEAD -> decodeHead(in, listener);
                case FIXED -> {
                    int now = (int) Math.min(left, in.readableBytes());
                    listener.data(in.readSlice(now));
                    left -= now;
                    state = left == 0 ? State.IDLE : State.FIXED;
                }
                case CHUNKED -> state = chunks.advance(in, (buffer, count) -> listener.data(buffer.readSlice(count)))
                        ? State.IDLE
                        : State.CHUNKED;
                case UNTIL_CLOSE, UPGRADED -> listener.data(in.readSlice(in.readableBytes()));
                case IDLE -> throw new IllegalStateException("no response is expected");
            }
        }
    }

    private void decodeHead(ByteBuf in, ResponseListener listener) throws BadResponseException {
        int from = in.readerIndex();
        boolean complete = partOfHead.isReadable() ? completeHead(in) : readHead(in);
        if (complete) {
            // completeHead and readHead both leave the head at the start of the scratch array.
            int size = partOfHead.isReadable() ? partOfHead.readableBytes() : in.readerIndex() - from;
            close();
            listener.head(HeadScratch.atLeast(maxHead), size, head);
        }
    }

    /** @return whether a final head was taken from the buffer; false when it was an interim one or is incomplete */
    private boolean readHead(ByteBuf in) throws BadResponseException {
        int from = in.readerIndex();
        byte[] scratch = HeadScratch.atLeast(maxHead);
        int all = Math.min(in.readableBytes(), maxHead);
        // Much of the body may be in the buffer, too, and need not be copied.
        int size = Math.min(all, FIRST_LOOK);
        in.getBytes(from, scratch, 0, size);
        int end = ResponseHead.end(scratch, 0, size);
        if (end < 0 && size < all) {
            size = all;
            in.getBytes(from, scratch, 0, size);
            end = ResponseHead.end(scratch, 0, size);
        }
        if (end < 0) {
            ResponseHead.requireStart(scratch, 0, size);
            requireRoom(in.readableBytes());
            partOfHead = in.readBytes(in.readableBytes());
            return false;
        }
        in.readerIndex(from + end);
        return isFinal(ResponseHead.read(scratch, 0, end, method));
    }

    /** Appends to the part that arrived before. A final head is then in {@link #partOfHead}. */
    private boolean completeHead(ByteBuf in) throws BadResponseException {
        int had = partOfHead.readableBytes();
        int from = in.readerIndex();
        partOfHead.writeBytes(in, Math.min(in.readableBytes(), maxHead - had));
        byte[] scratch = HeadScratch.atLeast(maxHead);
        partOfHead.getBytes(0, scratch, 0, partOfHead.writerIndex());
        int end = ResponseHead.end(scratch, 0, partOfHead.writerIndex());
        if (end < 0) {
            ResponseHead.requireStart(scratch, 0, partOfHead.writerIndex());
            requireRoom(partOfHead.readableBytes());
            return false;
        }
        // The bytes after the head are read from the original buffer.
        in.readerIndex(from + end - had);
        partOfHead.writerIndex(end);
        if (isFinal(ResponseHead.read(scratch, 0, end, method))) {
            return true;
        }
        close();
        return false;
    }

    private void requireRoom(int size) throws BadResponseException {
        if (size >= maxHead) {
            throw new BadResponseException("the head is longer than " + maxHead + " bytes");
        }
    }

    private boolean isFinal(ResponseHead found) throws BadResponseException {
        head = found;
        if (head.isInterim()) {
            if (++interim > MAX_INTERIM) {
                throw new BadResponseException("more than " + MAX_INTERIM + " interim responses came for one request");
            }
            return false;
        }
        state = head.status() == 101 ? upgraded() : afterHead(head);
        return true;
    }

    private State upgraded() throws BadResponseException {
        if (!upgradeAsked) {
            throw new BadResponseException("it switches protocols, which the request did not ask for");
        }
        return State.UPGRADED;
    }

    private State afterHead(ResponseHead head) {
        return switch (head.body()) {
            case Body.NONE -> State.IDLE;
            case Body.FIXED -> {
                left = head.length();
                yield State.FIXED;
            }
            case Body.CHUNKED -> {
                chunks = new ChunkedBody();
                yield State.CHUNKED;
            }
            case Body.UNTIL_CLOSE -> State.UNTIL_CLOSE;
        };
    }

    void close() {
        partOfHead.release();
        partOfHead = Unpooled.EMPTY_BUFFER;
    }
}
