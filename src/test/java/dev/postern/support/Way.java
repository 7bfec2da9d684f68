package dev.postern.support;

import dev.postern.support.RawHttp.Reply;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.SSLContext;

/** The ways in which a client's connection comes to a gate. */
public enum Way {
    HTTP_1(false, false), HTTP_1_TLS(true, false), H2C(false, true), H2(true, true);

    private static final int READ_LIMIT_MILLIS = 20_000;

    private final boolean tls;
    private final boolean http2;

    Way(boolean tls, boolean http2) {
        this.tls = tls;
        this.http2 = http2;
    }

    public TestGate gate() {
        return tls ? TlsGate.GATE : SharedGate.GATE;
    }

    public boolean isHttp2() {
        return http2;
    }

    /** Sends one request, on a connection of its own. */
    public Reply call(String method, String target, String body, String... headerLines) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        if (http2) {
            try (Http2Client client = newHttp2Client()) {
                return client.call(Http2Client.headers(method, target, headerLines), content);
            }
        }
        try (Socket socket = newSocket(gate().port())) {
            StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: gate.test\r\n");
            for (String line : headerLines) {
                head.append(line).append("\r\n");
            }
            if (content.length > 0) {
                head.append("Content-Length: ").append(content.length).append("\r\n");
            }
            socket.getOutputStream().write((head + "\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
            return RawHttp.read(socket.getInputStream(), !method.equals("HEAD"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public Http2Client newHttp2Client() {
        return new Http2Client(gate().port(), tls);
    }

    public Socket newSocket(int port) throws IOException {
        Socket socket = tls
                ? trustingContext().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)
                : new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        return socket;
    }

    private static SSLContext trustingContext() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException failed) {
            throw new IOException(failed);
        }
    }
}
