package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ChildGate;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A million devices go into an account within a minute, through a gate with little memory. */
@LongTest
@NeedsTheMachine
class MillionDevicesTest {
    private static final int DEVICES = 1_000_000;
    private static final int SEATS = DEVICES / 2;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int ATTEMPTS = 3;
    private static final Pattern SETTING = Pattern.compile("(?m)^(port|requirepass) (\\S+)$");

    @TempDir
    Path data = Path.of("");

    @Test
    void areImportedWithinAMinuteAndCountedExactly() throws Exception {
        try (ChildGate gate = new ChildGate(List.of("-Xmx512m"),
                List.of("--postern.data-dir=" + data, "--postern.demo=false"))) {
            int port = gate.managementPort();
            String token = Files.readString(data.resolve("operator-token")).strip();
            Duration best = Duration.ofDays(1);
            // The best of some attempts counts, so that other work of the machine does not decide the result.
            for (int attempt = 1; attempt <= ATTEMPTS && best.compareTo(LIMIT) >= 0; attempt++) {
                Duration took = importAndCount(port, token, "fleet-" + attempt);
                best = took.compareTo(best) < 0 ? took : best;
            }
            assertThat(best).isLessThan(LIMIT);
        }
    }

    private Duration importAndCount(int port, String token, String account) throws Exception {
        operate(port, token, "POST", "/api/v1/accounts", "{\"id\":\"" + account + "\",\"name\":\"Fleet\"}");
        operate(port, token, "PUT", "/api/v1/accounts/" + account + "/license",
                "{\"plan\":\"paid\",\"seats\":" + SEATS + "}");
        long before = redisMemory();
        long start = System.nanoTime();

        JsonNode imported = importDevices(port, token, account);

        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("%d devices imported in %d ms, %d bytes of Redis a device, every other with a seat%n",
                DEVICES, took.toMillis(), (redisMemory() - before) / DEVICES);
        assertThat(imported.required("lines").intValue()).isEqualTo(DEVICES);
        assertThat(imported.required("added").intValue()).isEqualTo(DEVICES);
        assertThat(imported.required("refused").intValue()).isZero();
        JsonNode license = operate(port, token, "GET", "/api/v1/accounts/" + account + "/license", "");
        assertThat(license.required("used").intValue()).isEqualTo(SEATS);
        assertThat(license.required("waiting").intValue()).isEqualTo(DEVICES - SEATS);
        assertThat(operate(port, token, "GET", "/api/v1/accounts/" + account + "/license/ledger?per_page=1", "")
                .required("total_count").intValue()).isEqualTo(SEATS);
        return took;
    }

    /** What the embedded Redis of the gate takes, in bytes. */
    private long redisMemory() throws IOException {
        Matcher setting = SETTING.matcher(Files.readString(data.resolve("redis/redis.conf")));
        Map<String, String> settings = new HashMap<>();
        while (setting.find()) {
            settings.put(setting.group(1), setting.group(2));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(),
                Integer.parseInt(String.valueOf(settings.get("port"))))) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(("AUTH " + settings.get("requirepass") + "\r\nINFO memory\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            for (String line = RawHttp.line(in);; line = RawHttp.line(in)) {
                if (line.startsWith("used_memory:")) {
                    return Long.parseLong(line.substring("used_memory:".length()).strip());
                }
            }
        }
    }

    private static JsonNode operate(int port, String token, String method, String target, String body) {
        return RawHttp.call(port, method, target, body, "Authorization: Bearer " + token).json();
    }

    /** Sends the lines as they are made, and reads the progress meanwhile. */
    private static JsonNode importDevices(int port, String token, String account) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            CompletableFuture<String> last = CompletableFuture.supplyAsync(() -> lastLine(socket));
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 256 * 1024);
            out.write(("POST /api/v1/accounts/" + account + "/devices:import HTTP/1.1\r\nHost: gate.test\r\n"
                    + "Authorization: Bearer " + token + "\r\nAccept: application/x-ndjson\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder lines = new StringBuilder();
            for (int i = 1; i <= DEVICES; i++) {
                lines.append("{\"id\":\"").append(account).append("-device-").append(i)
                        .append("\",\"title\":\"Device number ").append(i)
                        .append("\"}\n");
                if (i % 1000 == 0) {
                    out.write((Integer.toHexString(lines.length()) + "\r\n" + lines + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    lines.setLength(0);
                }
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return JsonMapper.shared().readTree(last.get());
        }
    }

    /** The last chunk of the reply, which is its last line. */
    private static String lastLine(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            assertThat(RawHttp.line(in)).contains("200");
            for (String line = RawHttp.line(in); !line.isEmpty(); line = RawHttp.line(in)) {
                // Headers.
            }
            String last = "";
            for (int size = Integer.parseInt(RawHttp.line(in), 16); size > 0; size = Integer.parseInt(RawHttp.line(in),
                    16)) {
                last = new String(in.readNBytes(size), StandardCharsets.UTF_8);
                RawHttp.line(in);
            }
            return last.strip();
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
