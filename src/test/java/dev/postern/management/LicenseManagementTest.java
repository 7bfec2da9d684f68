package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LicensedGate;
import dev.postern.support.MovableClock;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import dev.postern.support.View;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/accounts/{account}/license}: terms, seats, ledger and extensions, over a real socket. */
@UsesSharedGate
class LicenseManagementTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final MovableClock CLOCK = LicensedGate.CLOCK;

    private final Customer customer = GATE.newCustomer();

    @Test
    void showsTheLicenseOfANewAccount() {
        Instant created = Instant.parse(
                customer.manage("GET", "", "").json().required("created_at").stringValue());

        Reply reply = customer.manage("GET", "/license", "");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Cache-Control")).contains("no-store");
        assertThat(reply.json()).hasToString("{\"plan\":\"free\",\"seats\":3,\"used\":0,\"waiting\":0,\"valid_from\":\""
                + created + "\",\"valid_until\":\"" + years(created, 1)
                + "\",\"state\":\"not_authorized\",\"full_on\":null,\"enabled\":true}");
        assertThat(customer.manage("GET", "/license/ledger", "").json())
                .hasToString("{\"total_count\":0,\"per_page\":100,\"entries\":[]}");
        assertThat(customer.manage("GET", "/license/extensions", "").json().required("total_count").intValue())
                .isZero();
    }

    @Test
    void changesPlanSeatsYearsAndEnd() {
        JsonNode paid = put("{\"plan\":\"paid\",\"seats\":7,\"years\":3}");
        assertThat(paid.propertyNames()).containsExactly("plan", "seats", "used", "waiting", "valid_from",
                "valid_until", "state", "full_on", "enabled", "unseated_count", "unseated");
        assertThat(paid.required("plan").stringValue()).isEqualTo("paid");
        assertThat(paid.required("seats").intValue()).isEqualTo(7);
        assertThat(moment(paid, "valid_until")).isEqualTo(years(moment(paid, "valid_from"), 3));
        assertThat(paid.required("unseated_count").intValue()).isZero();

        JsonNode seats = put("{\"seats\":8}");
        assertThat(seats.required("seats").intValue()).isEqualTo(8);
        assertThat(seats.required("valid_from")).as("the time stays").isEqualTo(paid.required("valid_from"));
        assertThat(seats.required("valid_until")).isEqualTo(paid.required("valid_until"));

        CLOCK.move(Duration.ofDays(1));
        JsonNode renewed = put("{\"years\":100}");
        assertThat(moment(renewed, "valid_from")).isAfter(moment(paid, "valid_from"));
        assertThat(moment(renewed, "valid_until")).isEqualTo(years(moment(renewed, "valid_from"), 100));
        assertThat(renewed.required("seats").intValue()).isEqualTo(8);

        LocalDate day = LocalDate.ofInstant(moment(renewed, "valid_from"), ZoneOffset.UTC).plusDays(200);
        assertThat(put("{\"valid_until\":\"" + day + "\"}").required("valid_until").stringValue())
                .isEqualTo(day + "T00:00:00Z");
        assertThat(put("{\"valid_until\":\"" + day + "T12:30:00.5Z\"}").required("valid_until").stringValue())
                .isEqualTo(day + "T12:30:00.500Z");

        JsonNode free = put("{\"plan\":\"free\",\"seats\":3}");
        assertThat(free.required("seats").intValue()).isEqualTo(3);
        assertThat(moment(free, "valid_until")).isEqualTo(years(moment(free, "valid_from"), 1));
        assertThat(put("{}").required("plan").stringValue()).as("what is left out stays").isEqualTo("free");
        assertThat(put("{\"plan\":\"paid\",\"seats\":0}").required("seats").intValue()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"`` | 400 | request_malformed | not a JSON object",
            "[] | 400 | request_malformed | not a JSON object",
            "{\"seats\":4,\"seats\":5} | 400 | request_malformed | not JSON",
            "{\"seat\":4} | 400 | field_invalid | The body has an unknown member",
            "{\"seats\":-1} | 400 | field_invalid | seats is not a whole number from 0 to 100000000",
            "{\"seats\":100000001} | 400 | field_invalid | seats is not",
            "{\"seats\":1e9} | 400 | field_invalid | seats",
            "{\"seats\":\"4\"} | 400 | field_invalid | seats is not",
            "{\"seats\":1.5} | 400 | field_invalid | seats is",
            "{\"seats\":99999999999} | 400 | field_invalid | seats is not",
            "{\"seats\":null} | 400 | field_invalid | seats is null",
            "{\"years\":0} | 400 | field_invalid | years is not a whole number from 1 to 100",
            "{\"years\":101} | 400 | field_invalid | years is not",
            "{\"years\":\"1\"} | 400 | field_invalid | years is",
            "{\"years\":1,\"valid_until\":\"2999-01-01\"} | 400 | field_invalid | exclude each other",
            "{\"valid_until\":\"tomorrow\"} | 400 | field_invalid | valid_until is neither a time",
            "{\"valid_until\":\"2999-02-30\"} | 400 | field_invalid | valid_until is neither a time",
            "{\"valid_until\":\"2999-01-01T00:00:00\"} | 400 | field_invalid | valid_until is neither",
            "{\"valid_until\":\"+1000000000-12-31T23:59:59Z\"} | 400 | field_invalid | valid_until is not within the years",
            "{\"valid_until\":\"+300000000-01-01T00:00:00Z\"} | 400 | field_invalid | valid_until is not within the years",
            "{\"valid_until\":\"-1000000000-01-01T00:00:00Z\"} | 400 | field_invalid | valid_until is not within the years",
            "{\"valid_until\":\"\"} | 400 | field_invalid | valid_until is neither",
            "{\"valid_until\":32472144000} | 400 | field_invalid | valid_until is not a string",
            "{\"enabled\":\"false\"} | 400 | field_invalid | enabled is neither true nor false",
            "{\"enabled\":null} | 400 | field_invalid | enabled is null",
            "{\"plan\":\"gold\"} | 400 | field_invalid | plan is not one of free, paid",
            "{\"plan\":\"FREE\"} | 400 | field_invalid | plan is not one of",
            "{\"plan\":1} | 400 | field_invalid | plan",
            "{\"plan\":\"free\",\"seats\":4} | 409 | not_possible | A free license has 3 seats",
            "{\"seats\":4} | 409 | not_possible | A free license has 3 seats",
            "{\"plan\":\"paid\"} | 409 | not_possible | A paid license needs a number of seats",
            "{\"plan\":\"paid\",\"years\":2} | 409 | not_possible | A paid license needs a number of seats",
            "{\"valid_until\":\"2020-01-01\"} | 409 | not_possible | The license would begin now but end in the past",
            "{\"valid_until\":\"1969-01-01T00:00:00Z\"} | 400 | field_invalid | valid_until is not within the years",
            "{\"plan\":\"paid\",\"seats\":9,\"valid_until\":\"2020-01-01\"} | 409 | not_possible | end in the past"})
    void refusesTermsThatCannotBeAndChangesNothing(String body, int status, String reason, String complaint) {
        add("one", "two", "three", "four");
        View before = View.of(customer);

        Reply reply = customer.manage("PUT", "/license", body);

        assertRefused(reply, status, reason, complaint);
        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(read("four").reason()).isEqualTo("device_over_quota");
    }

    @Test
    void refusesAnEndThatHasJustPassed() {
        Instant past = CLOCK.instant().minusMillis(1);

        assertRefused(customer.manage("PUT", "/license", "{\"valid_until\":\"" + past + "\"}"), 409, "not_possible",
                "end in the past");
    }

    @Test
    void takesSeatsFromTheLatestDevicesWhenTheLicenseIsReduced() {
        put("{\"plan\":\"paid\",\"seats\":5}");
        add("one", "two", "three", "four", "five");
        for (String device : List.of("one", "two", "three", "four", "five")) {
            assertThat(read(device).status()).isEqualTo(200);
        }

        JsonNode shrunk = put("{\"seats\":3}");

        assertThat(shrunk.required("unseated_count").intValue()).isEqualTo(2);
        assertThat(shrunk.required("unseated")).hasToString("[\"" + own("five") + "\",\"" + own("four") + "\"]");
        assertThat(shrunk.required("used").intValue()).isEqualTo(3);
        assertThat(shrunk.required("waiting").intValue()).isEqualTo(2);
        assertThat(read("five").reason()).isEqualTo("device_over_quota");
        assertThat(read("four").reason()).isEqualTo("device_over_quota");
        assertThat(read("three").status()).isEqualTo(200);

        JsonNode grown = put("{\"seats\":4}");
        assertThat(grown.required("used").intValue()).as("who calls first gets the seat").isEqualTo(3);
        assertThat(read("five").status()).isEqualTo(200);
        assertThat(read("four").reason()).isEqualTo("device_over_quota");
        put("{\"seats\":5}");
        assertThat(read("four").status()).isEqualTo(200);
        assertThat(View.replayed(customer)).containsExactly(own("one"), own("two"), own("three"), own("five"),
                own("four"));

        assertThat(put("{\"seats\":0}").required("unseated")).hasSize(5);
        assertThat(read("one").reason()).isEqualTo("device_over_quota");
        assertThat(View.replayed(customer)).isEmpty();
    }

    @Test
    void namesUpToAThousandDevicesThatLostTheirSeats() {
        put("{\"plan\":\"paid\",\"seats\":2500}");
        String lines = IntStream.range(0, 2500).mapToObj(i -> device(own("d" + i)) + "\n")
                .collect(Collectors.joining());
        assertThat(customer.manage("POST", "/devices:import", lines).json().required("added").intValue())
                .isEqualTo(2500);

        JsonNode shrunk = put("{\"seats\":10}");

        assertThat(shrunk.required("unseated_count").intValue()).isEqualTo(2490);
        assertThat(shrunk.required("unseated")).hasSize(1000);
        assertThat(shrunk.required("unseated").get(0).stringValue()).isEqualTo(own("d2499"));
        assertThat(shrunk.required("used").intValue()).isEqualTo(10);
        assertThat(shrunk.required("waiting").intValue()).isEqualTo(2490);
        assertThat(View.replayed(customer))
                .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> own("d" + i)).toList());
    }

    @Test
    void movesASeatFromOneDeviceToAnother() {
        add("one", "two", "three", "four");
        assertThat(read("one").status()).isEqualTo(200);

        Reply moved = move(own("one"), own("four"));

        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.json()).hasToString("{\"from\":\"" + own("one") + "\",\"to\":\"" + own("four") + "\"}");
        assertThat(read("one").reason()).isEqualTo("device_over_quota");
        assertThat(read("four").status()).isEqualTo(200);
        assertThat(View.ids(customer, "&seat=true")).as("it is the same seat")
                .containsExactly(own("four"), own("two"), own("three"));
        JsonNode entry = View.ledger(customer).getLast();
        assertThat(entry.required("event").stringValue()).isEqualTo("moved");
        assertThat(entry.required("from").stringValue()).isEqualTo(own("one"));
        assertThat(entry.required("device").stringValue()).isEqualTo(own("four"));
        assertThat(entry.required("used").intValue()).isEqualTo(3);
        assertThat(View.replayed(customer)).containsExactlyInAnyOrder(own("two"), own("three"), own("four"));
    }

    @Test
    void refusesImpossibleMovesOfASeat() {
        Customer neighbour = GATE.newCustomer();
        add("one", "two", "three", "four", "five");
        neighbour.make("/devices", device(own("shared")));
        neighbour.make("/devices/" + own("shared") + "/shares", "{\"account\":\"" + customer.account() + "\"}");
        View before = View.of(customer);

        assertRefused(move(own("one"), own("one")), 400, "field_invalid", "from and to are the same device");
        assertRefused(move("a/b", own("four")), 400, "field_invalid", "from is not a valid ID");
        assertRefused(move(own("one"), ""), 400, "field_invalid", "to is not a valid ID");
        assertRefused(customer.manage("POST", "/license/seats:move", "{\"from\":\"" + own("one") + "\"}"), 400,
                "field_invalid", "to is missing");
        assertRefused(customer.manage("POST", "/license/seats:move", "{\"form\":\"a\",\"to\":\"b\"}"), 400,
                "field_invalid", "The body has an unknown member");
        assertRefused(customer.manage("POST", "/license/seats:move", ""), 400, "request_malformed", "");
        assertRefused(move(own("none"), own("four")), 404, "not_found", "There is no device " + own("none"));
        assertRefused(move(own("one"), own("none")), 404, "not_found", "There is no device " + own("none"));
        assertRefused(move(own("one"), own("shared")), 404, "not_found", "There is no device " + own("shared"));
        assertRefused(move(own("four"), own("five")), 409, "not_possible", own("four") + " has no seat to give");
        assertRefused(move(own("four"), own("one")), 409, "not_possible", own("four") + " has no seat to give");
        assertRefused(move(own("one"), own("two")), 409, "not_possible", own("two") + " already has a seat");

        assertThat(View.of(customer)).isEqualTo(before);
    }

    @Test
    void countsNothingWhileTheLicenseIsDisabled() {
        assertThat(read("one").reason()).isEqualTo("device_unknown");

        assertThat(put("{\"enabled\":false}").required("enabled").booleanValue()).isFalse();
        for (String device : List.of("one", "two", "three", "four", "five")) {
            assertThat(read(device).status()).isEqualTo(200);
        }
        assertThat(View.ids(customer)).isEmpty();
        assertThat(View.entries(customer)).isZero();

        put("{\"enabled\":true}");
        assertThat(read("one").reason()).isEqualTo("device_unknown");
        add("one", "two", "three", "four");
        assertThat(read("four").reason()).isEqualTo("device_over_quota");
        put("{\"enabled\":false}");
        assertThat(read("four").status()).isEqualTo(200);
        put("{\"valid_until\":\"" + CLOCK.instant().plusSeconds(60) + "\"}");
        CLOCK.move(Duration.ofMinutes(2));
        assertThat(read("four").status()).as("after its end, too").isEqualTo(200);
        assertThat(put("{\"enabled\":true}").required("state").stringValue()).isEqualTo("expired");
        assertThat(read("one").reason()).isEqualTo("license_expired");
    }

    @Test
    void goesThroughAllStates() {
        assertThat(state()).isEqualTo("not_authorized");
        add("one", "two", "three");
        Instant end = CLOCK.instant().plus(Duration.ofDays(31));
        put("{\"valid_until\":\"" + end + "\"}");
        assertThat(state()).isEqualTo("active");
        CLOCK.move(Duration.ofDays(1));
        assertThat(state()).isEqualTo("expiring");
        assertThat(read("one").status()).isEqualTo(200);
        customer.manage("DELETE", "/devices/" + own("three"), "");
        assertThat(state()).as("with too few devices").isEqualTo("not_authorized");
        add("three");
        CLOCK.move(Duration.ofDays(30).minusMinutes(1));
        assertThat(state()).isEqualTo("expiring");
        assertThat(read("one").status()).isEqualTo(200);
        CLOCK.move(Duration.ofMinutes(1));
        assertThat(state()).isEqualTo("expired");
        assertThat(read("one").reason()).as("though it was remembered").isEqualTo("license_expired");
        customer.manage("DELETE", "/devices/" + own("three"), "");
        assertThat(state()).as("with too few devices").isEqualTo("expired");
        put("{\"years\":1}");
        assertThat(state()).isEqualTo("not_authorized");
        add("three");
        assertThat(state()).isEqualTo("active");
    }

    @Test
    void forecastsTheDayOnWhichTheLastSeatIsTaken() {
        goOnToNoon();
        put("{\"plan\":\"paid\",\"seats\":10,\"years\":5}");
        assertThat(View.license(customer).required("full_on").isNull()).isTrue();

        add("one");
        assertThat(fullOn()).as("one a day, nine are free").isEqualTo(today().plusDays(9));
        CLOCK.move(Duration.ofDays(1));
        assertThat(fullOn()).as("one in two days").isEqualTo(today().plusDays(18));
        add("two", "three");
        assertThat(fullOn()).as("three in two days, rounded up").isEqualTo(today().plusDays(5));
        CLOCK.move(Duration.ofDays(2));
        customer.manage("DELETE", "/devices/" + own("three"), "");
        assertThat(fullOn()).as("two in four days").isEqualTo(today().plusDays(16));

        CLOCK.move(Duration.ofDays(27));
        assertThat(fullOn()).as("one in the last thirty days: two and one less")
                .isEqualTo(today().plusDays(8 * 30));
        CLOCK.move(Duration.ofDays(1));
        assertThat(View.license(customer).required("full_on").isNull()).as("one less in the last thirty").isTrue();

        add("four", "five", "six", "seven", "eight", "nine", "ten", "eleven");
        assertThat(fullOn()).as("no seat is free").isEqualTo(today());
        put("{\"seats\":5}");
        assertThat(fullOn()).isEqualTo(today());
        assertThat(View.replayed(customer)).hasSize(5);
    }

    @Test
    void excludesMovedSeatsFromTheForecast() {
        goOnToNoon();
        put("{\"plan\":\"paid\",\"seats\":3}");
        add("one", "two");
        LocalDate before = fullOn();
        put("{\"seats\":2}");
        add("three");
        move(own("one"), own("three"));
        put("{\"seats\":3}");
        assertThat(fullOn()).isEqualTo(before);
    }

    @Test
    void showsTheLedgerNewestFirstFromAnyEntry() {
        add("one", "two", "three", "four");
        customer.manage("DELETE", "/devices/" + own("one"), "");
        read("four");
        List<String> oldest = View.ledger(customer).stream().map(LicenseManagementTest::id).toList();

        JsonNode newest = customer.manage("GET", "/license/ledger", "").json();

        assertThat(oldest).hasSize(5).doesNotHaveDuplicates();
        assertThat(ids(newest)).containsExactlyElementsOf(oldest.reversed());
        assertThat(newest.required("total_count").intValue()).isEqualTo(5);
        JsonNode lost = newest.required("entries").get(1);
        assertThat(lost.propertyNames()).containsExactly("id", "at", "event", "device", "why", "used");
        assertThat(lost.required("event").stringValue()).isEqualTo("lost");
        assertThat(lost.required("why").stringValue()).isEqualTo("deleted");
        assertThat(lost.required("used").intValue()).isEqualTo(2);
        assertThat(newest.required("entries").get(0).required("why").stringValue()).isEqualTo("called");
        assertThat(Duration.between(moment(lost, "at"), CLOCK.instant())).isLessThan(Duration.ofMinutes(10));

        assertThat(ids(ledger("?per_page=2"))).containsExactly(oldest.get(4), oldest.get(3));
        assertThat(ids(ledger("?per_page=2&before=" + oldest.get(3)))).containsExactly(oldest.get(2), oldest.get(1));
        assertThat(ids(ledger("?before=" + oldest.get(0)))).isEmpty();
        assertThat(ids(ledger("?before=0-0"))).isEmpty();
        assertThat(ids(ledger("?before=0-1"))).isEmpty();
        assertThat(ids(ledger("?before=9999999999999999999-9999999999999999999"))).hasSize(5);
        assertThat(ids(ledger("?after=0-0&per_page=2"))).containsExactly(oldest.get(0), oldest.get(1));
        assertThat(ids(ledger("?after=" + oldest.get(1)))).containsExactlyElementsOf(oldest.subList(2, 5));
        assertThat(ids(ledger("?after=" + oldest.get(4)))).isEmpty();
        assertThat(ids(ledger("?after=9999999999999999999-9999999999999999999"))).isEmpty();
        assertThat(ledger("?per_page=1").required("per_page").intValue()).isEqualTo(1);
        assertThat(ids(ledger("?per_page=1000"))).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"per_page=0", "per_page=1001", "per_page=x", "per_page=-1", "per_page=1&per_page=1",
            "before=x", "before=1", "before=1-", "before=-", "before=%2B", "after=1-1-1", "after=(1-1", "after=1-x",
            "after=99999999999999999999-0", "before=1-1&after=1-1", "before=1-1&before=1-1"})
    void refusesAnUnreadableLedger(String query) {
        assertRefused(customer.manage("GET", "/license/ledger?" + query, ""), 400, "field_invalid", "");
    }

    @Test
    void theLedgerReplaysToTheSeatedDevices() {
        put("{\"plan\":\"paid\",\"seats\":6}");
        List<String> names = IntStream.range(0, 12).mapToObj(i -> "d" + i).toList();
        add(names.toArray(String[]::new));
        for (int round = 0; round < 6; round++) {
            put("{\"seats\":" + (round % 2 == 0 ? 3 : 7) + "}");
            names.reversed().forEach(this::read);
            List<String> seated = View.ids(customer, "&seat=true");
            customer.manage("DELETE", "/devices/" + seated.get(1), "");
            customer.make("/devices", device(seated.get(1)));
            move(View.ids(customer, "&seat=true").getFirst(), View.ids(customer, "&seat=false").getFirst());
            View.replayed(customer);
        }
        assertThat(View.entries(customer)).isGreaterThan(30);
    }

    @Test
    void extendsAFreeLicense() {
        JsonNode before = View.license(customer);

        Reply made = customer.manage("POST", "/license/extensions", "{\"note\":\"Bitte | ein Jahr\"}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Location"))
                .isEqualTo("/api/v1/accounts/" + customer.account() + "/license/extensions/1");
        JsonNode requested = made.json();
        assertThat(requested.propertyNames()).containsExactly("id", "state", "note", "requested_at", "decided_at",
                "valid_until");
        assertThat(requested.required("id").stringValue()).isEqualTo("1");
        assertThat(requested.required("state").stringValue()).isEqualTo("requested");
        assertThat(requested.required("note").stringValue()).isEqualTo("Bitte | ein Jahr");
        assertThat(requested.required("decided_at").isNull()).isTrue();
        assertThat(customer.manage("GET", "/license/extensions/1", "").json()).isEqualTo(requested);
        assertThat(View.license(customer)).as("nothing is extended yet").isEqualTo(before);

        assertRefused(customer.manage("POST", "/license/extensions", ""), 409, "already_exists",
                "has already been requested");
        Reply approved = decide("1", "approved");
        assertThat(approved.status()).isEqualTo(200);
        assertThat(approved.json().required("state").stringValue()).isEqualTo("approved");
        assertThat(approved.json().required("decided_at").isNull()).isFalse();
        assertThat(moment(approved.json(), "valid_until")).isEqualTo(years(moment(before, "valid_until"), 1));
        assertThat(View.license(customer).required("valid_until")).isEqualTo(approved.json().required("valid_until"));
        assertThat(View.license(customer).required("valid_from")).isEqualTo(before.required("valid_from"));

        for (String state : List.of("approved", "refused")) {
            assertRefused(decide("1", state), 409, "not_possible", "The extension 1 is already approved.");
        }
        assertThat(customer.manage("GET", "/license/extensions/1", "").json()).isEqualTo(approved.json());
    }

    @Test
    void extendsAnExpiredLicenseFromNow() {
        put("{\"valid_until\":\"" + CLOCK.instant().plusSeconds(60) + "\"}");
        CLOCK.move(Duration.ofDays(50));
        customer.make("/license/extensions", "");

        JsonNode approved = decide("1", "approved").json();

        assertThat(moment(approved, "valid_until")).isEqualTo(years(moment(approved, "decided_at"), 1));
        assertThat(Duration.between(moment(approved, "decided_at"), CLOCK.instant())).isLessThan(Duration.ofDays(1));
    }

    @Test
    void acceptsANewRequestAfterARefusedOne() {
        JsonNode before = View.license(customer);
        for (int i = 1; i <= 3; i++) {
            assertThat(customer.make("/license/extensions", "").required("id").stringValue())
                    .isEqualTo(Integer.toString(i));
            JsonNode refused = decide(Integer.toString(i), "refused").json();
            assertThat(refused.required("state").stringValue()).isEqualTo("refused");
            assertThat(refused.required("valid_until").isNull()).isTrue();
        }

        assertThat(View.license(customer)).isEqualTo(before);
        JsonNode page = customer.manage("GET", "/license/extensions?per_page=2", "").json();
        assertThat(page.required("total_count").intValue()).isEqualTo(3);
        assertThat(page.required("extensions").valueStream().map(LicenseManagementTest::id)).containsExactly("3", "2");
        assertRefused(decide("2", "approved"), 409, "not_possible", "The extension 2 is already refused.");
        customer.make("/license/extensions", "{}");
        assertThat(decide("4", "approved").status()).isEqualTo(200);
    }

    @Test
    void keepsTheLatestHundredRequests() {
        for (int i = 1; i <= 102; i++) {
            customer.make("/license/extensions", "");
            decide(Integer.toString(i), "refused");
        }

        assertThat(customer.manage("GET", "/license/extensions", "").json().required("total_count").intValue())
                .isEqualTo(100);
        assertThat(customer.manage("GET", "/license/extensions/2", "").status()).isEqualTo(404);
        assertThat(customer.manage("GET", "/license/extensions/3", "").status()).isEqualTo(200);
    }

    @Test
    void doesNotExtendAPaidLicense() {
        customer.make("/license/extensions", "");
        put("{\"plan\":\"paid\",\"seats\":5}");
        View before = View.of(customer);

        assertRefused(decide("1", "approved"), 409, "not_possible",
                "A paid license cannot be extended. More years can be bought.");
        assertRefused(customer.manage("POST", "/license/extensions", ""), 409, "not_possible",
                "A paid license cannot be extended. More years can be bought.");

        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(decide("1", "refused").status()).isEqualTo(200);
        assertThat(View.of(customer)).isEqualTo(before);
    }

    @Test
    void refusesBadExtensionsAndDecisions() {
        for (String body : List.of("{", "[]", "{\"note\":5}", "{\"note\":null}", "{\"note\":\"a\\nb\"}",
                "{\"note\":\"" + "x".repeat(501) + "\"}", "{\"notes\":\"x\"}")) {
            assertThat(customer.manage("POST", "/license/extensions", body).status()).as(body).isEqualTo(400);
        }
        assertThat(customer.manage("GET", "/license/extensions", "").json().required("total_count").intValue())
                .isZero();
        customer.make("/license/extensions", "{\"note\":\"" + "x".repeat(500) + "\"}");
        for (String body : List.of("", "{}", "{\"state\":\"requested\"}", "{\"state\":\"APPROVED\"}",
                "{\"state\":true}", "{\"state\":\"approved\",\"note\":\"x\"}")) {
            assertThat(customer.manage("PUT", "/license/extensions/1", body).status()).as(body).isEqualTo(400);
        }
        for (String id : List.of("2", "0", "-1", "last", "01", "1.0", "99999999999999999999", "a%20b")) {
            for (Reply reply : List.of(decide(id, "approved"), decide(id, "refused"),
                    customer.manage("GET", "/license/extensions/" + id, ""))) {
                assertRefused(reply, 404, "not_found", "");
            }
        }
        assertThat(customer.manage("GET", "/license/extensions/1", "").json().required("state").stringValue())
                .isEqualTo("requested");
    }

    @Test
    void findsNoLicenseOfAMissingAccount() {
        for (String[] call : new String[][]{{"GET", "", ""}, {"PUT", "", "{\"enabled\":false}"},
                {"POST", "/seats:move", "{\"from\":\"a\",\"to\":\"b\"}"}, {"GET", "/ledger", ""},
                {"POST", "/extensions", ""}, {"GET", "/extensions", ""}, {"GET", "/extensions/1", ""},
                {"PUT", "/extensions/1", "{\"state\":\"approved\"}"}}) {
            Reply reply = GATE.operate(call[0], "/api/v1/accounts/nobody/license" + call[1], call[2]);
            assertRefused(reply, 404, "not_found", "There is no account nobody.");
            assertThat(RawHttp.call(GATE.managementPort(), call[0],
                    "/api/v1/accounts/" + customer.account() + "/license" + call[1], call[2]).status()).isEqualTo(401);
        }
    }

    @Test
    void deletesDevicesLicenseLedgerAndSharesWithTheAccount() {
        Customer neighbour = GATE.newCustomer();
        put("{\"plan\":\"paid\",\"seats\":600,\"years\":9}");
        String lines = IntStream.range(0, 1100).mapToObj(i -> device(own("d" + i)) + "\n")
                .collect(Collectors.joining());
        assertThat(customer.manage("POST", "/devices:import", lines).json().required("added").intValue())
                .isEqualTo(1100);
        neighbour.make("/devices", device(own("of-neighbour")));
        neighbour.make("/devices/" + own("of-neighbour") + "/shares", "{\"account\":\"" + customer.account() + "\"}");
        customer.make("/devices/" + own("d0") + "/shares", "{\"account\":\"" + neighbour.account() + "\"}");
        customer.make("/devices/" + own("d1000") + "/shares", "{\"account\":\"" + neighbour.account() + "\"}");
        assertThat(read("d0").status()).isEqualTo(200);

        assertThat(customer.manage("DELETE", "", "").status()).isEqualTo(204);

        assertThat(View.ids(neighbour)).containsExactly(own("of-neighbour"));
        assertThat(neighbour.manage("GET", "/devices/" + own("of-neighbour") + "/shares", "").json()
                .required("total_count").intValue()).isZero();
        assertThat(read("d0").reason()).isEqualTo("credential_invalid");
        assertThat(GATE.redis().run(commands -> commands.keys("postern:{" + customer.account() + "}*"))
                .blockOptional().orElseThrow()).as("what Redis still holds of it").isEmpty();
        JsonNode taken = neighbour.manage("POST", "/devices:import", lines).json();
        assertThat(taken.required("added").intValue()).isEqualTo(1100);
        assertThat(View.replayed(neighbour)).hasSize(3);

        Reply again = GATE.operate("POST", "/api/v1/accounts",
                "{\"id\":\"" + customer.account() + "\",\"name\":\"again\"}");
        assertThat(again.status()).isEqualTo(201);
        JsonNode fresh = View.license(customer);
        assertThat(fresh.required("plan").stringValue()).isEqualTo("free");
        assertThat(fresh.required("valid_from")).isEqualTo(again.json().required("created_at"));
        assertThat(fresh.required("used").intValue()).isZero();
        assertThat(fresh.required("waiting").intValue()).isZero();
        assertThat(View.ids(customer)).isEmpty();
        assertThat(View.ledger(customer)).isEmpty();
        assertThat(customer.manage("GET", "/license/extensions", "").json().required("total_count").intValue())
                .isZero();
        String masterKey = again.json().required("master_key").stringValue();
        assertThat(GATE.call(masterKey, "GET", "/devices/" + own("d0")).reason()).isEqualTo("device_unknown");
        assertThat(customer.make("/license/extensions", "").required("id").stringValue()).isEqualTo("1");
    }

    private String own(String id) {
        return id + "-" + customer.account();
    }

    private static String device(String id) {
        return "{\"id\":\"" + id + "\",\"title\":\"n\"}";
    }

    private void add(String... devices) {
        for (String each : devices) {
            customer.make("/devices", device(own(each)));
        }
    }

    private JsonNode put(String body) {
        Reply reply = customer.manage("PUT", "/license", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private Reply move(String from, String to) {
        return customer.manage("POST", "/license/seats:move", "{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}");
    }

    private Reply decide(String id, String state) {
        return customer.manage("PUT", "/license/extensions/" + id, "{\"state\":\"" + state + "\"}");
    }

    private Reply read(String device) {
        return GATE.call(customer.masterKey(), "GET", "/devices/" + own(device));
    }

    private String state() {
        return View.license(customer).required("state").stringValue();
    }

    private LocalDate fullOn() {
        return LocalDate.parse(View.license(customer).required("full_on").stringValue());
    }

    private JsonNode ledger(String query) {
        Reply reply = customer.manage("GET", "/license/ledger" + query, "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static List<String> ids(JsonNode part) {
        List<String> ids = new ArrayList<>();
        part.required("entries").forEach(entry -> ids.add(id(entry)));
        return ids;
    }

    private static String id(JsonNode of) {
        return of.required("id").stringValue();
    }

    /** So that the day does not change within a test. */
    private static void goOnToNoon() {
        long secondsOfDay = CLOCK.instant().getEpochSecond() % Duration.ofDays(1).toSeconds();
        CLOCK.move(Duration.ofHours(36).minusSeconds(secondsOfDay));
    }

    private static LocalDate today() {
        return LocalDate.ofInstant(CLOCK.instant(), ZoneOffset.UTC);
    }

    private static Instant moment(JsonNode json, String member) {
        return Instant.parse(json.required(member).stringValue());
    }

    private static Instant years(Instant start, int years) {
        return start.atOffset(ZoneOffset.UTC).plusYears(years).toInstant();
    }

    private static void assertRefused(Reply reply, int status, String reason, String complaint) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo(reason);
        assertThat(reply.json().required("detail").stringValue()).contains(complaint);
    }
}
