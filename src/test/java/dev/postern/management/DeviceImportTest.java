package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.LicensedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import dev.postern.support.View;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/v1/accounts/{account}/devices:import} over a real socket. */
@UsesSharedGate
class DeviceImportTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String AUTHORIZATION = "Authorization: Bearer " + TestGate.OPERATOR_TOKEN;
    /** Lines that are added together. */
    private static final int WINDOW = 4096;

    private final Customer customer = GATE.newCustomer();

    @Test
    void addsEveryLineAndCountsThem() {
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"n\",\"devices\":[]}");

        Reply reply = customer.manage("POST", "/devices:import",
                line("a") + "{\"id\":\"" + own("b") + "\",\"title\":\"Küche | 💡\",\"project\":\"house\"}\n" + line("c")
                        + line("d"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).contains("application/json");
        assertThat(reply.json()).hasToString("{\"done\":true,\"lines\":4,\"added\":4,\"already_there\":0,"
                + "\"refused\":0,\"errors\":[],\"errors_left_out\":0}");
        assertThat(View.ids(customer)).containsExactly(own("a"), own("b"), own("c"), own("d"));
        JsonNode second = customer.manage("GET", "/devices/" + own("b"), "").json();
        assertThat(second.required("title").stringValue()).isEqualTo("Küche | 💡");
        assertThat(second.required("project").stringValue()).isEqualTo("house");
        assertThat(customer.manage("GET", "/projects/house", "").json().required("devices"))
                .hasToString("[\"" + own("b") + "\"]");
        assertThat(View.replayed(customer)).containsExactly(own("a"), own("b"), own("c"));
    }

    @Test
    void canBeRepeated() {
        String lines = line("a") + line("b") + line("c") + line("d");
        load(lines);
        View before = View.of(customer);

        assertCounts(load(lines), 4, 0, 4, 0);

        assertThat(View.of(customer)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"not json | request_malformed", "{ | request_malformed",
            "[] | request_malformed", "[{\"id\":\"x\",\"title\":\"n\"}] | request_malformed",
            "\"x\" | request_malformed", "null | request_malformed",
            "{\"id\":\"x\",\"title\":\"n\"},| request_malformed",
            "{\"id\":\"x\",\"title\":\"n\"} {\"id\":\"y\",\"title\":\"n\"} | request_malformed",
            "{\"id\":\"x\",\"id\":\"y\",\"title\":\"n\"} | request_malformed",
            "{\"id\":\"x\",\"title\":\"n\",\"color\":\"red\"} | field_invalid", "{\"id\":\"x\"} | field_invalid",
            "{\"title\":\"n\"} | field_invalid", "{\"id\":\"x/y\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"..\",\"title\":\"n\"} | field_invalid", "{\"id\":7,\"title\":\"n\"} | field_invalid",
            "{\"id\":\"x\",\"title\":\"\"} | field_invalid", "{\"id\":\"x\",\"title\":\"a\\u0007\"} | field_invalid",
            "{\"id\":\"x\",\"title\":\"n\",\"project\":null} | field_invalid",
            "{\"id\":\"x\",\"title\":\"n\",\"project\":\"nowhere\"} | project_unknown",
            "{\"id\":\"x\",\"title\":\"n\",\"user\":\"nobody\"} | user_unknown"})
    void reportsALineThatIsWrongAndTakesTheOthers(String wrong, String reason) {
        JsonNode reply = load(line("a") + wrong + "\n" + line("b"));

        assertCounts(reply, 3, 2, 0, 1);
        JsonNode error = reply.required("errors").get(0);
        assertThat(error.required("line").intValue()).isEqualTo(2);
        assertThat(error.required("reason").stringValue()).isEqualTo(reason);
        assertThat(error.required("detail").stringValue()).isNotEmpty();
        assertThat(View.ids(customer)).containsExactly(own("a"), own("b"));
    }

    @Test
    void saysWhereALineIsWrong() {
        JsonNode errors = load(line("a").strip() + "{\"id\":\"x\"}\n{\"id\":\"x\",\"title\":\"n\"\n[]\n"
                + "{\"id\":\"x\",\"title\":\"n\",\"project\":\"nowhere\"}\n"
                + "{\"id\":\"x\",\"title\":\"n\",\"user\":\"nobody\"}\n"
                + "{\"id\":\"x\",\"title\":\"n\",\"user\":null}\n").required("errors");

        assertThat(errors.valueStream().map(error -> error.required("detail").stringValue())).containsExactly(
                "The line is not JSON: column " + line("a").length() + ".", "The line is not JSON: column 22.",
                "The line is not a JSON object.", "The account has no project nowhere.",
                "The account has no user nobody.", "user is null");
    }

    @Test
    void reportsALineThatIsNotUtf8AndOneThatIsTooLong() {
        byte[] lines = bytes(line("a"), new byte[]{'{', '"', (byte) 0xC3, '"', (byte) 0xFF, '}', '\n'}, line("b"),
                new byte[]{(byte) 0xC0, (byte) 0x80, '\n'}, line("c").strip(), " ".repeat(5000), "\n",
                "{\"id\":\"" + own("long") + "\",\"title\":\"" + "x".repeat(5000) + "\"}\n", line("d"),
                "x".repeat(300_000), "\n", line("e"), "y".repeat(5000));

        JsonNode reply = load(lines);

        assertCounts(reply, 10, 4, 0, 6);
        assertThat(errorLines(reply)).containsExactly(2L, 4L, 5L, 6L, 8L, 10L);
        assertThat(reply.required("errors").get(2).required("detail").stringValue()).contains("4096");
        assertThat(View.ids(customer)).containsExactlyInAnyOrder(own("a"), own("b"), own("d"), own("e"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void acceptsALineOfTheMaximumLengthWithAnyLineEnd(String end) {
        String longest = line("a").strip() + " ".repeat(4096 - line("a").strip().length());

        JsonNode reply = load(longest + end + line("b").strip() + " ".repeat(4097 - line("b").strip().length()) + end
                + longest.replace(own("a"), own("c")));

        assertCounts(reply, 3, 2, 0, 1);
        assertThat(errorLines(reply)).containsExactly(2L);
        assertThat(View.ids(customer)).containsExactly(own("a"), own("c"));
    }

    @Test
    void skipsBlankLinesButCountsThem() {
        JsonNode reply = load("\n\n" + line("a") + "  \t\n\r\n" + line("b").replace("\n", "\r\n") + "broken\n \n"
                + line("c").strip());

        assertCounts(reply, 9, 3, 0, 1);
        assertThat(errorLines(reply)).containsExactly(7L);
    }

    @Test
    void skipsAByteOrderMarkAtTheBeginningOnly() {
        assertCounts(load("\uFEFF" + line("a") + line("b")), 2, 2, 0, 0);
        assertCounts(load("\uFEFF\r\n" + line("c")), 2, 1, 0, 0);
        assertCounts(load("\uFEFF"), 1, 0, 0, 0);
        assertCounts(load(line("d") + "\uFEFF" + line("e")), 2, 1, 0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n\r\n", " "})
    void addsNothingOfABodyWithoutDevices(String body) {
        assertCounts(load(body), body.isEmpty() ? 0 : (int) Math.max(1, body.lines().count()), 0, 0, 0);
        assertThat(View.ids(customer)).isEmpty();
    }

    @Test
    void acceptsABodyThatArrivesByteByByte() throws IOException {
        byte[] body = bytes(line("a"), "broken\r\n", "{\"id\":\"" + own("b") + "\",\"title\":\"Küche 💡\"}\n");
        try (Socket socket = connect()) {
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(head("Content-Length: " + body.length));
            for (byte each : body) {
                socket.getOutputStream().write(each);
                socket.getOutputStream().flush();
            }
            assertCounts(RawHttp.read(socket.getInputStream(), true).json(), 3, 2, 0, 1);
        }
        assertThat(customer.manage("GET", "/devices/" + own("b"), "").json().required("title").stringValue())
                .isEqualTo("Küche 💡");
    }

    @Test
    void acceptsAChunkedBody() throws IOException {
        byte[] body = bytes("{\"id\":\"" + own("a") + "\",\"title\":\"Küche 💡\"}\n", "broken\n", line("b").strip());
        try (Socket socket = connect()) {
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.write(head("Transfer-Encoding: chunked"));
            for (int from = 0; from < body.length; from += 7) {
                int size = Math.min(7, body.length - from);
                request.write((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                request.write(body, from, size);
                request.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            request.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(request.toByteArray());
            assertCounts(RawHttp.read(socket.getInputStream(), true).json(), 3, 2, 0, 1);
        }
        assertThat(customer.manage("GET", "/devices/" + own("a"), "").json().required("title").stringValue())
                .isEqualTo("Küche 💡");
    }

    @Test
    void keepsTheFirstOfLinesWithTheSameId() {
        JsonNode reply = load("{\"id\":\"" + own("a") + "\",\"title\":\"first\"}\n" + line("b")
                + "{\"id\":\"" + own("a") + "\",\"title\":\"second\"}\n" + line("a"));

        assertCounts(reply, 4, 2, 2, 0);
        assertThat(customer.manage("GET", "/devices/" + own("a"), "").json().required("title").stringValue())
                .isEqualTo("first");
    }

    @Test
    void acceptsALaterLineOfADeviceWhoseFirstIsRefused() {
        JsonNode reply = load("{\"id\":\"" + own("a") + "\",\"title\":\"n\",\"project\":\"nowhere\"}\n"
                + "{\"id\":\"" + own("a") + "\",\"title\":\"n\",\"user\":\"nobody\"}\n"
                + "{\"id\":\"" + own("a") + "\",\"title\":\"third\"}\n" + line("a"));

        assertCounts(reply, 4, 1, 1, 2);
        assertThat(errorLines(reply)).containsExactly(1L, 2L);
        assertThat(reply.required("errors").get(1).required("reason").stringValue()).isEqualTo("user_unknown");
        assertThat(customer.manage("GET", "/devices/" + own("a"), "").json().required("title").stringValue())
                .isEqualTo("third");
    }

    @Test
    void recognizesARepeatedIdManyLinesLater() {
        int count = 2 * WINDOW + 10;
        String all = lines(0, count);

        assertCounts(load(all + line("d0") + line("d" + (count - 1)) + line("d" + WINDOW)), count + 3, count, 3, 0);

        assertThat(customer.manage("GET", "/devices?per_page=1", "").json().required("total_count").intValue())
                .isEqualTo(count);
        assertCounts(load(all), count, 0, count, 0);
        assertThat(View.entries(customer)).isEqualTo(3);
    }

    @Test
    void refusesDevicesOfOtherAccounts() {
        Customer neighbour = GATE.newCustomer();
        neighbour.make("/devices", line("b").strip());
        neighbour.make("/devices", line("c").strip());
        neighbour.make("/devices/" + own("c") + "/shares", "{\"account\":\"" + customer.account() + "\"}");
        View before = View.of(neighbour);

        JsonNode reply = load(line("a") + line("b") + line("c") + line("d") + line("b"));

        assertCounts(reply, 5, 2, 0, 3);
        assertThat(errorLines(reply)).containsExactly(2L, 3L, 5L);
        assertThat(reply.required("errors").get(0)).hasToString("{\"line\":2,\"id\":\"" + own("b")
                + "\",\"reason\":\"held_by_another\",\"detail\":\"Another account has this device.\"}");
        assertThat(View.ids(customer)).containsExactly(own("a"), own("d"), own("c"));
        assertThat(View.of(neighbour)).isEqualTo(before);
    }

    @Test
    void reportsItsProgressOnRequest() {
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":100}");
        int count = 25_000;
        String lines = lines(0, count);

        Reply reply = RawHttp.call(GATE.managementPort(), "POST", path(), lines, AUTHORIZATION,
                "Accept: application/x-ndjson");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).contains("application/x-ndjson");
        List<JsonNode> parts = parts(reply);
        assertThat(parts).hasSizeGreaterThan(2);
        long before = 0;
        for (JsonNode part : parts.subList(0, parts.size() - 1)) {
            assertThat(part.propertyNames()).containsExactly("done", "lines", "added", "already_there", "refused");
            assertThat(part.required("done").booleanValue()).isFalse();
            assertThat(part.required("lines").longValue()).isGreaterThan(before).isLessThan(count)
                    .isEqualTo(part.required("added").longValue());
            before = part.required("lines").longValue();
        }
        assertThat(parts.getLast().required("done").booleanValue()).isTrue();
        assertCounts(parts.getLast(), count, count, 0, 0);
        JsonNode license = View.license(customer);
        assertThat(license.required("used").intValue()).isEqualTo(100);
        assertThat(license.required("waiting").intValue()).isEqualTo(count - 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Accept: application/json", "Accept: */*", "Accept: text/html;q=0.5, application/json",
            "X: y"})
    void answersWithOneObjectUnlessProgressIsRequested(String header) {
        Reply reply = RawHttp.call(GATE.managementPort(), "POST", path(), line("a") + "broken\n", AUTHORIZATION,
                header);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).contains("application/json");
        assertCounts(reply.json(), 2, 1, 0, 1);
    }

    @Test
    void toleratesAnInvalidAccept() {
        Reply reply = RawHttp.call(GATE.managementPort(), "POST", path(), line("a"), AUTHORIZATION, "Accept: ,;=/");

        assertThat(reply.status()).as(reply.text()).isLessThan(500);
    }

    @Test
    void namesTheFirstThousandErrorsAndCountsTheOthers() {
        String lines = IntStream.range(0, 2300).mapToObj(i -> i % 2 == 0 ? "broken\n" : line("d" + i))
                .collect(Collectors.joining());

        JsonNode reply = load(lines);

        assertCounts(reply, 2300, 1150, 0, 1150);
        assertThat(reply.required("errors")).hasSize(1000);
        assertThat(reply.required("errors_left_out").intValue()).isEqualTo(150);
        assertThat(errorLines(reply))
                .containsExactlyElementsOf(IntStream.range(0, 1000).mapToObj(i -> i * 2L + 1).toList());
    }

    @Test
    void importsNothingIntoAMissingAccount() {
        for (String accept : List.of("application/json", "application/x-ndjson")) {
            Reply reply = RawHttp.call(GATE.managementPort(), "POST", "/api/v1/accounts/nobody/devices:import",
                    line("a"), AUTHORIZATION, "Accept: " + accept);

            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.reason()).isEqualTo("not_found");
        }
        assertThat(customer.make("/devices", line("a").strip())).isNotNull();
    }

    @Test
    void seatsTheFirstLinesOfALongImport() {
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":100}");

        assertCounts(load(lines(0, 20_000)), 20_000, 20_000, 0, 0);

        assertThat(View.ids(customer, "&seat=true"))
                .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(i -> own("d" + i)).toList());
        JsonNode license = View.license(customer);
        assertThat(license.required("used").intValue()).isEqualTo(100);
        assertThat(license.required("waiting").intValue()).isEqualTo(19_900);
        assertThat(View.replayed(customer)).hasSize(100);
    }

    /** Redis has forgotten its scripts after a restart or a failover. */
    @Test
    void seatsTheFirstLinesIfRedisDoesNotKnowTheScript() {
        for (int i = 0; i < 5; i++) {
            Customer another = GATE.newCustomer();
            another.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":100}");
            List<String> ids = IntStream.range(0, 1_000).mapToObj(device -> another.account() + "-" + device).toList();
            GATE.redis().run(commands -> commands.scriptFlush()).block(PATIENCE);

            assertThat(another.manage("POST", "/devices:import", ids.stream()
                    .map(id -> "{\"id\":\"" + id + "\",\"title\":\"n\"}\n").collect(Collectors.joining())).json()
                    .required("added")
                    .intValue()).isEqualTo(1_000);

            assertThat(View.ids(another, "&seat=true")).containsExactlyElementsOf(ids.subList(0, 100));
        }
    }

    @Test
    void canBeRepeatedAfterItsClientDisconnected() throws IOException {
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":5000}");
        int count = WINDOW + 1500;
        byte[] all = lines(0, count).getBytes(StandardCharsets.UTF_8);
        // More often than imports may run at once: none that broke off may count as running.
        for (int i = 0; i < 3; i++) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(head("Content-Length: " + (all.length + 1000)));
                socket.getOutputStream().write(all);
                await().atMost(PATIENCE).until(() -> total() >= WINDOW);
            }
        }
        assertThat(total()).isBetween(WINDOW, count);

        List<JsonNode> done = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            Reply reply = post(all);
            if (reply.status() == 200) {
                done.add(reply.json());
            }
            return reply.status() == 200;
        });

        JsonNode repeated = done.getLast();
        assertThat(repeated.required("added").intValue() + repeated.required("already_there").intValue())
                .isEqualTo(count);
        assertThat(repeated.required("refused").intValue()).isZero();
        assertThat(total()).isEqualTo(count);
        assertThat(View.replayed(customer))
                .containsExactlyElementsOf(IntStream.range(0, 5000).mapToObj(i -> own("d" + i)).toList());
    }

    @Test
    void acceptsTwoImportsOfTheSameAccountAtOnce() throws InterruptedException, ExecutionException {
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":6000}");
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Future<Reply> first = callers.submit(() -> post(lines(0, 6000).getBytes(StandardCharsets.UTF_8)));
            Future<Reply> second = callers.submit(() -> post(lines(3000, 9000).getBytes(StandardCharsets.UTF_8)));

            JsonNode one = first.get().json();
            JsonNode other = second.get().json();

            assertThat(one.required("refused").intValue() + other.required("refused").intValue())
                    .as("%s %s", one, other).isZero();
            assertThat(one.required("added").intValue() + other.required("added").intValue()).isEqualTo(9000);
            assertThat(one.required("already_there").intValue() + other.required("already_there").intValue())
                    .isEqualTo(3000);
        }
        assertThat(total()).isEqualTo(9000);
        assertThat(View.replayed(customer)).hasSize(6000);
        JsonNode license = View.license(customer);
        assertThat(license.required("used").intValue()).isEqualTo(6000);
        assertThat(license.required("waiting").intValue()).isEqualTo(3000);
    }

    @Test
    void refusesAThirdImportWhileTwoAreRunning() throws IOException {
        byte[] window = lines(0, WINDOW).getBytes(StandardCharsets.UTF_8);
        Customer other = GATE.newCustomer();
        byte[] others = new String(window, StandardCharsets.UTF_8).replace(customer.account() + "\"",
                other.account() + "\"").getBytes(StandardCharsets.UTF_8);
        byte[] last = line("last").getBytes(StandardCharsets.UTF_8);
        try (Socket first = connect(); Socket second = connect()) {
            first.getOutputStream().write(head("Content-Length: " + (window.length + last.length)));
            first.getOutputStream().write(window);
            second.getOutputStream().write(new String(head("Content-Length: " + (others.length + 1)),
                    StandardCharsets.US_ASCII).replace(path(), path().replace(customer.account(), other.account()))
                    .getBytes(StandardCharsets.US_ASCII));
            second.getOutputStream().write(others);
            await().atMost(PATIENCE).until(() -> total() == WINDOW && View.entries(other) == 3);

            for (String accept : List.of("application/json", "application/x-ndjson")) {
                Reply third = RawHttp.call(GATE.managementPort(), "POST", path(), line("third"), AUTHORIZATION,
                        "Accept: " + accept);
                assertThat(third.status()).as(third.text()).isEqualTo(503);
                assertThat(third.reason()).isEqualTo("busy");
                assertThat(third.header("Content-Type")).contains("application/problem+json");
                assertThat(third.header("Retry-After")).isNotEmpty();
                assertThat(third.json().required("detail").stringValue()).contains("already running 2 imports");
            }
            assertThat(customer.manage("GET", "/devices/" + own("third"), "").status()).isEqualTo(404);

            first.getOutputStream().write(last);
            assertCounts(RawHttp.read(first.getInputStream(), true).json(), WINDOW + 1, WINDOW + 1, 0, 0);
            second.getOutputStream().write('\n');
            assertCounts(RawHttp.read(second.getInputStream(), true).json(), WINDOW + 1, WINDOW, 0, 0);
        }
        await().atMost(PATIENCE).until(() -> customer.manage("POST", "/devices:import", line("third")).status() == 200);
    }

    @Test
    void isNotRunningOnceItsClientDisconnectedDuringAReport() throws IOException {
        byte[] single = line("d0").getBytes(StandardCharsets.UTF_8);
        // More often than imports may run at once.
        for (int i = 0; i < 3; i++) {
            byte[] window = lines(i * WINDOW, (i + 1) * WINDOW).getBytes(StandardCharsets.UTF_8);
            int after = (i + 1) * WINDOW;
            await().atMost(PATIENCE).until(() -> post(single).status() == 200);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(
                        head("Accept: application/x-ndjson\r\nContent-Length: " + (window.length + 1000)));
                socket.getOutputStream().write(window);
                await().atMost(PATIENCE).until(() -> total() == after);
            }
        }

        await().atMost(PATIENCE).until(() -> post(single).status() == 200);
    }

    @ParameterizedTest
    @CsvSource({"application/json,404", "application/x-ndjson,200"})
    void stopsIfTheAccountIsDeletedMeanwhile(String accept, int status) throws IOException {
        byte[] window = lines(0, WINDOW).getBytes(StandardCharsets.UTF_8);
        byte[] last = line("last").getBytes(StandardCharsets.UTF_8);
        try (Socket socket = connect()) {
            socket.getOutputStream().write(
                    head("Accept: " + accept + "\r\nContent-Length: " + (window.length + last.length)));
            socket.getOutputStream().write(window);
            await().atMost(PATIENCE).until(() -> total() == WINDOW);
            assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);
            socket.getOutputStream().write(last);

            Reply reply = RawHttp.read(socket.getInputStream(), true);

            assertThat(reply.status()).as(reply.text()).isEqualTo(status);
            JsonNode end = parts(reply).getLast();
            assertThat(end.required("reason").stringValue()).isEqualTo("not_found");
            assertThat(end.required("detail").stringValue())
                    .isEqualTo("The account was deleted. The import stopped after "
                            + (WINDOW + 1) + " lines and added " + WINDOW + " devices. It can be repeated.");
        }
        Customer neighbour = GATE.newCustomer();
        assertCounts(neighbour.manage("POST", "/devices:import", lines(0, 10) + line("last")).json(), 11, 11, 0, 0);
    }

    private String own(String id) {
        return id + "-" + customer.account();
    }

    private String line(String id) {
        return "{\"id\":\"" + own(id) + "\",\"title\":\"n\"}\n";
    }

    private String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> line("d" + i)).collect(Collectors.joining());
    }

    private String path() {
        return "/api/v1/accounts/" + customer.account() + "/devices:import";
    }

    private JsonNode load(String body) {
        return load(body.getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode load(byte[] body) {
        Reply reply = post(body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private Reply post(byte[] body) {
        return RawHttp.call(GATE.managementPort(), "POST", path(), body, AUTHORIZATION);
    }

    private int total() {
        return customer.manage("GET", "/devices?per_page=1", "").json().required("total_count").intValue();
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.managementPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private byte[] head(String length) {
        return ("POST " + path() + " HTTP/1.1\r\nHost: gate.test\r\n" + AUTHORIZATION + "\r\n" + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (Object part : parts) {
                all.write(part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return all.toByteArray();
    }

    private static List<JsonNode> parts(Reply reply) {
        return reply.text().lines().map(part -> JsonMapper.shared().readTree(part)).toList();
    }

    private static List<Long> errorLines(JsonNode reply) {
        return reply.required("errors").valueStream().map(error -> error.required("line").longValue()).toList();
    }

    private static void assertCounts(JsonNode reply, int lines, int added, int alreadyThere, int refused) {
        assertThat(reply.required("done").booleanValue()).as("%s", reply).isTrue();
        assertThat(List.of(reply.required("lines").intValue(), reply.required("added").intValue(),
                reply.required("already_there").intValue(), reply.required("refused").intValue()))
                .as("lines, added, already there, refused of %s", reply)
                .containsExactly(lines, added, alreadyThere, refused);
        assertThat(reply.required("errors").size() + reply.required("errors_left_out").intValue()).isEqualTo(refused);
    }
}
