package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp.Reply;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** Speaks WebSocket frame by frame, as either side, because tests send what a well-behaved peer would not. */
public final class RawWebSocket implements AutoCloseable {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;
    public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final int FIN = 0x80;
    private static final int READ_LIMIT_MILLIS = 60_000;
    private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

    private final Socket socket;
    private final boolean masks;
    private final DataInputStream in;

    /** A frame as it arrived. */
    public record Frame(boolean last, int reserved, int opcode, boolean masked, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a Close; 1005 for one without. */
        public int code() {
            assertThat(opcode).as("opcode of a Close").isEqualTo(CLOSE);
            return payload.length == 0 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }

        /** The reason of a Close. */
        public String reason() {
            return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    /** A message, and into how many frames it was cut. */
    public record Message(int opcode, byte[] payload, int frames) {}

    private RawWebSocket(Socket socket, boolean masks) {
        try {
            socket.setSoTimeout(READ_LIMIT_MILLIS);
            this.socket = socket;
            this.masks = masks;
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Sends the handshake of a client, with these additional header lines. Fails unless the status of the reply is 101.
     */
    public static RawWebSocket open(int port, String target, String... headerLines) {
        return opened(connect(port, target, headerLines));
    }

    /** Sends the handshake of a client on this connection. Fails unless the status of the reply is 101. */
    public static RawWebSocket open(Socket socket, String target, String... headerLines) {
        return opened(connect(socket, target, headerLines));
    }

    private static RawWebSocket opened(RawWebSocket opened) {
        Reply reply = opened.readReply();
        assertThat(reply.status()).as(reply.text()).isEqualTo(101);
        assertThat(reply.header("Sec-WebSocket-Accept")).isEqualTo(accept(KEY));
        return opened;
    }

    /** Sends the handshake of a client and does not read the reply. */
    public static RawWebSocket connect(int port, String target, String... headerLines) {
        try {
            return connect(new Socket(InetAddress.getLoopbackAddress(), port), target, headerLines);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static RawWebSocket connect(Socket socket, String target, String... headerLines) {
        RawWebSocket opened = new RawWebSocket(socket, true);
        opened.write(("GET " + target + " HTTP/1.1\r\nHost: gate.test\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n"
                + String.join("", Arrays.stream(headerLines).map(line -> line + "\r\n").toList()) + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        return opened;
    }

    /** The backend's side of a WebSocket, on a connection whose handshake the backend has answered. */
    public static RawWebSocket ofBackend(Socket socket) {
        return new RawWebSocket(socket, false);
    }

    /** Sec-WebSocket-Accept for a key. */
    public static String accept(String key) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public Reply readReply() {
        try {
            return RawHttp.read(in, true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public void text(String text) {
        send(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public void close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        send(true, CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
    }

    public void send(boolean last, int opcode, byte[] payload) {
        write(frame((last ? FIN : 0) | opcode, payload, masks));
    }

    public void write(byte[] bytes) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** @param first the byte with the final flag, the reserved bits and the opcode */
    public static byte[] frame(int first, byte[] payload, boolean masked) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
        frame.write(first);
        int maskBit = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.write(maskBit | payload.length);
        } else if (payload.length < 65536) {
            frame.write(maskBit | 126);
            frame.writeBytes(ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            frame.write(maskBit | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        byte[] sent = payload.clone();
        if (masked) {
            frame.writeBytes(MASK);
            for (int i = 0; i < sent.length; i++) {
                sent[i] ^= MASK[i % MASK.length];
            }
        }
        frame.writeBytes(sent);
        return frame.toByteArray();
    }

    public Frame read() {
        try {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            boolean masked = (second & 0x80) != 0;
            byte[] mask = masked ? in.readNBytes(4) : new byte[4];
            byte[] payload = in.readNBytes((int) length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % mask.length];
            }
            return new Frame((first & FIN) != 0, (first >> 4) & 7, first & 15, masked, payload);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Reads frames until a message is whole. */
    public Message readMessage() {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        Frame frame = read();
        int opcode = frame.opcode();
        int frames = 1;
        payload.writeBytes(frame.payload());
        while (!frame.last()) {
            frame = read();
            assertThat(frame.opcode()).as("opcode within a message").isEqualTo(CONTINUATION);
            payload.writeBytes(frame.payload());
            frames++;
        }
        return new Message(opcode, payload.toByteArray(), frames);
    }

    /** Reads until a Close arrives, and drops all frames before it. Answers the Close, and returns it. */
    public Frame readClose() {
        Frame frame = read();
        while (frame.opcode() != CLOSE) {
            frame = read();
        }
        send(true, CLOSE, frame.payload());
        return frame;
    }

    /** Reads until the connection ends, and returns the bytes that still arrive. */
    public byte[] readToEnd() {
        try {
            return in.readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Ends the connection in a way that is an error on the other side. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 251);
        }
        return bytes;
    }
}
