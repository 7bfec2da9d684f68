package dev.postern.wire;

import io.netty.buffer.ByteBuf;

/** Receives the responses on one connection, on its event loop. Buffers are valid during the call only. */
public interface ResponseListener {
    /**
     * The head of the final response to the request.
     *
     * @param bytes  begin with the head, with the empty line at its end; its syntax is checked
     * @param size   of the head, in bytes
     * @param parsed its status and framing
     */
    void head(byte[] bytes, int size, ResponseHead parsed);

    /** Data of the body, without its framing. */
    void data(ByteBuf bytes);

    /** All bytes that have arrived were passed on. Not called if the response has ended with them. */
    void pause();

    /** The connection can take more of the request, or can take no more for now. */
    void writable(boolean isWritable);

    /** The response has ended. The connection may carry another request if {@link ConnectionGuard#isReusable}. */
    void ended();

    /** The connection was closed: the end of a response that lasts until then, and a failure otherwise. */
    void closed();

    /** The connection has failed before the response ended. */
    void failed(Throwable cause);
}
