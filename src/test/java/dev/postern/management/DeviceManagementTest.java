package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ClientTokens;
import dev.postern.support.LicensedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import dev.postern.support.View;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/accounts/{account}/devices} and the shares of devices, over a real socket. */
@UsesSharedGate
class DeviceManagementTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final String HOUSE = "{\"id\":\"house\",\"name\":\"House\",\"devices\":[]}";
    private static final String ALICE = "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[]}";

    private final Customer customer = GATE.newCustomer();
    private final Customer neighbour = GATE.newCustomer();
    private final String lamp = own("lamp");

    @Test
    void addsShowsAndDeletesADevice() {
        Reply made = customer.manage("POST", "/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"Küche | \\\"1\\\" 💡\"}");

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.header("Location")).isEqualTo("/api/v1/accounts/" + customer.account() + "/devices/" + lamp);
        assertThat(made.json()).hasToString("{\"id\":\"" + lamp + "\",\"title\":\"Küche | \\\"1\\\" 💡\","
                + "\"project\":null,\"user\":null,\"origin\":\"direct\",\"seat\":true}");
        assertThat(customer.manage("GET", "/devices/" + lamp, "").json()).isEqualTo(made.json());
        assertThat(View.devices(customer, "")).containsExactly(made.json());
        assertThat(View.used(customer)).isEqualTo(1);

        assertThat(customer.manage("DELETE", "/devices/" + lamp, "").status()).isEqualTo(204);
        for (String method : List.of("GET", "DELETE")) {
            Reply gone = customer.manage(method, "/devices/" + lamp, "");
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.reason()).isEqualTo("not_found");
        }
        assertThat(View.ids(customer)).isEmpty();
        assertThat(View.used(customer)).isZero();
        assertThat(View.replayed(customer)).isEmpty();
        assertThat(add(customer, lamp).required("seat").booleanValue()).as("added again").isTrue();
    }

    @Test
    void putsADeviceIntoItsProjectAndGivesItToItsUser() {
        customer.make("/projects", HOUSE);
        customer.make("/users", ALICE);

        JsonNode made = customer.make("/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"n\",\"project\":\"house\",\"user\":\"alice\"}");
        customer.make("/devices", "{\"id\":\"" + own("a") + "\",\"title\":\"n\",\"project\":\"house\"}");
        customer.make("/devices", "{\"id\":\"" + own("b") + "\",\"title\":\"n\",\"user\":\"alice\"}");

        assertThat(made.required("project").stringValue()).isEqualTo("house");
        assertThat(made.required("user").stringValue()).isEqualTo("alice");
        assertThat(group("/projects/house")).containsExactly(own("a"), lamp);
        assertThat(group("/users/alice")).containsExactly(own("b"), lamp);

        customer.manage("DELETE", "/devices/" + lamp, "");

        assertThat(group("/projects/house")).containsExactly(own("a"));
        assertThat(group("/users/alice")).containsExactly(own("b"));
        customer.manage("DELETE", "/devices/" + own("a"), "");
        assertThat(group("/projects/house")).isEmpty();
        assertThat(customer.manage("GET", "/projects/house", "").json()).hasToString(HOUSE);
    }

    @Test
    void permitsADeviceToTokensOfItsProjectAndUser() {
        customer.make("/projects", HOUSE);
        customer.make("/users", ALICE);
        add(customer, own("one"));
        add(customer, own("two"));
        JsonNode jwtToken = customer.make("/jwt-tokens",
                "{\"name\":\"jwt " + lamp + "\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"rsa " + lamp + "\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        JsonNode file = customer.manage("GET", "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "")
                .json();
        String times = "\"iat\":" + LicensedGate.CLOCK.instant().getEpochSecond() + ",\"exp\":"
                + (LicensedGate.CLOCK.instant().getEpochSecond() + 600);
        List<String> tokens = List.of(ClientTokens.signed(jwtToken, "{\"sub\":\"alice\"," + times + "}"),
                ClientTokens.encryptedAs(file, "{\"key\":\"" + file.required("key").stringValue() + "\"," + times
                        + "}"));
        assertThat(tokens).allSatisfy(
                token -> assertThat(read(token, lamp).reason()).isEqualTo("device_not_permitted"));

        customer.make("/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"n\",\"project\":\"house\",\"user\":\"alice\"}");

        assertThat(tokens).allSatisfy(token -> {
            assertThat(read(token, lamp).status()).isEqualTo(200);
            assertThat(read(token, own("one")).reason()).isEqualTo("device_not_permitted");
        });

        customer.manage("DELETE", "/devices/" + lamp, "");
        assertThat(tokens).allSatisfy(
                token -> assertThat(read(token, lamp).reason()).isEqualTo("device_not_permitted"));
    }

    @Test
    void listsSeatedThenWaitingThenSharedDevices() {
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":105}");
        List<String> seated = IntStream.range(0, 105).mapToObj(i -> own("s" + (i * 37 % 105))).toList();
        seated.forEach(id -> add(customer, id));
        List<String> waiting = IntStream.range(0, 120).mapToObj(i -> own("w" + (i * 37 % 120))).toList();
        waiting.forEach(id -> add(customer, id));
        List<String> shared = List.of(own("a-shared"), own("z-shared"));
        shared.reversed().forEach(id -> {
            add(neighbour, id);
            share(neighbour, id, customer);
        });

        List<String> all = View.ids(customer);

        assertThat(all.subList(0, 105)).containsExactlyElementsOf(seated);
        assertThat(all.subList(105, 225)).containsExactlyInAnyOrderElementsOf(waiting);
        assertThat(all.subList(225, all.size())).containsExactlyElementsOf(shared);
        assertThat(View.ids(customer, "&seat=true")).containsExactlyElementsOf(seated);
        assertThat(View.ids(customer, "&seat=false")).containsExactlyElementsOf(all.subList(105, 227));
        assertThat(View.ids(customer, "&origin=direct")).containsExactlyElementsOf(all.subList(0, 225));
        assertThat(View.ids(customer, "&origin=shared")).containsExactlyElementsOf(shared);
        assertThat(View.ids(customer, "&origin=direct&seat=false")).containsExactlyElementsOf(all.subList(105, 225));
        assertThat(View.ids(customer, "&origin=shared&seat=false")).containsExactlyElementsOf(shared);
        assertThat(View.ids(customer, "&origin=shared&seat=true")).isEmpty();
        for (int perPage : List.of(1, 7, 100)) {
            for (int first : List.of(0, 98, 104, 105, 224, 226, 227, 300)) {
                int page = first / perPage + 1;
                JsonNode part = customer.manage("GET", "/devices?page=" + page + "&per_page=" + perPage, "").json();
                assertThat(part.required("total_count").intValue()).isEqualTo(227);
                assertThat(part.required("devices").valueStream().map(device -> device.required("id").stringValue()))
                        .as("page %s of %s", page, perPage).containsExactlyElementsOf(
                                all.stream().skip((page - 1L) * perPage).limit(perPage).toList());
            }
        }

        // A device that gets a seat later is listed after those that had one.
        customer.manage("DELETE", "/devices/" + seated.getFirst(), "");
        assertThat(read(customer.masterKey(), waiting.getLast()).status()).isEqualTo(200);
        assertThat(View.ids(customer, "&seat=true")).startsWith(seated.get(1)).endsWith(waiting.getLast()).hasSize(105);
    }

    @Test
    void findsByTitleProjectUserSeatAndOriginAndAllTogether() {
        customer.make("/projects", HOUSE);
        customer.make("/users", ALICE);
        customer.make("/users", "{\"id\":\"bob\",\"name\":\"Bob\",\"devices\":[]}");
        device("1", "kitchen", "house", "alice");
        device("2", "the kitchen", "house", "bob");
        device("3", "minikitchen", "", "alice");
        device("4", "kitchne", "house", "");
        device("5", "garage", "house", "alice");
        neighbour.make("/devices", "{\"id\":\"" + own("6") + "\",\"title\":\"kitchen of others\"}");
        share(neighbour, own("6"), customer);

        assertThat(found("title=Kitchen")).containsExactly("1", "6", "2", "3", "4");
        assertThat(found("title=garaeg")).containsExactly("5");
        assertThat(found("title=cellar")).isEmpty();
        assertThat(found("title=kitchen&origin=direct")).containsExactly("1", "2", "3", "4");
        assertThat(found("title=kitchen&origin=shared")).containsExactly("6");
        assertThat(found("title=kitchen&seat=true")).containsExactly("1", "2", "3");
        assertThat(found("title=kitchen&seat=false")).containsExactly("6", "4");
        assertThat(found("title=kitchen&seat=false&origin=direct")).containsExactly("4");
        assertThat(found("project=house")).containsExactlyInAnyOrder("1", "2", "4", "5");
        assertThat(found("project=house&seat=true")).containsExactlyInAnyOrder("1", "2");
        assertThat(found("project=house&seat=false")).containsExactlyInAnyOrder("4", "5");
        assertThat(found("project=house&title=kitchen")).containsExactly("1", "2", "4");
        assertThat(found("user=alice")).containsExactlyInAnyOrder("1", "3", "5");
        assertThat(found("user=alice&project=house")).containsExactlyInAnyOrder("1", "5");
        assertThat(found("user=alice&project=house&title=kitchen&seat=true&origin=direct")).containsExactly("1");
        assertThat(found("user=alice&origin=shared")).isEmpty();
        assertThat(found("user=bob&seat=false")).isEmpty();
        JsonNode page = customer.manage("GET", "/devices?title=kitchen&page=2&per_page=2", "").json();
        assertThat(page.required("total_count").intValue()).isEqualTo(5);
        assertThat(page.required("devices")).hasSize(2);
        assertThat(page.required("devices").get(0).required("id").stringValue()).isEqualTo(own("2"));
        assertThat(found("title=&project=&seat=")).as("empty ones are none").hasSize(6);
    }

    @Test
    void followsADeviceIntoAnotherProject() {
        customer.make("/projects", HOUSE);
        customer.make("/projects", "{\"id\":\"yard\",\"name\":\"n\",\"devices\":[]}");
        device("1", "kitchen", "house", "");

        customer.manage("PUT", "/projects/yard", "{\"name\":\"n\",\"devices\":[\"" + own("1") + "\"]}");
        assertThat(found("project=yard")).containsExactly("1");
        assertThat(customer.manage("GET", "/devices/" + own("1"), "").json().required("project").stringValue())
                .isEqualTo("yard");

        customer.manage("DELETE", "/projects/yard", "");
        assertThat(customer.manage("GET", "/devices/" + own("1"), "").json().required("project").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"seat=yes | seat is neither true nor false",
            "origin=mine | origin is neither direct nor shared", "project=a/b | project is not an ID",
            "user=.. | user is not an ID", "seat=true&seat=true | seat is given more than once",
            "title=a&title=b | title is given more than once", "page=0 | page is not a number",
            "per_page=101 | per_page is not a number"})
    void refusesAListThatItDoesNotUnderstand(String query, String complaint) {
        Reply reply = customer.manage("GET", "/devices?" + query, "");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        assertThat(reply.json().required("detail").stringValue()).contains(complaint);
    }

    @Test
    void refusesATitleToSearchForThatIsTooLong() {
        assertThat(customer.manage("GET", "/devices?title=" + "x".repeat(129), "").reason()).isEqualTo("field_invalid");
        assertThat(customer.manage("GET", "/devices?title=" + "x".repeat(64), "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=nowhere", "user=nobody", "project=nowhere&title=x"})
    void findsNoDevicesOfAMissingProjectOrUser(String query) {
        assertThat(customer.manage("GET", "/devices?" + query, "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{ | request_malformed", "`` | request_malformed",
            "[] | request_malformed", "null | request_malformed", "\"x\" | request_malformed",
            "{\"id\":\"new\",\"title\":\"n\"} {} | request_malformed",
            "{\"id\":\"new\",\"id\":\"other\",\"title\":\"n\"} | request_malformed",
            "{\"id\":\"new\",\"title\":\"n\",\"name\":\"x\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"ID\":\"x\"} | field_invalid",
            "{\"title\":\"n\"} | field_invalid", "{\"id\":null,\"title\":\"n\"} | field_invalid",
            "{\"id\":5,\"title\":\"n\"} | field_invalid", "{\"id\":\"\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"..\",\"title\":\"n\"} | field_invalid", "{\"id\":\".\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"a/b\",\"title\":\"n\"} | field_invalid", "{\"id\":\"a b\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"lämp\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"a\\u007cb\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"new\\n\",\"title\":\"n\"} | field_invalid",
            "{\"id\":\"new\"} | field_invalid", "{\"id\":\"new\",\"title\":\"\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\" \"} | field_invalid", "{\"id\":\"new\",\"title\":null} | field_invalid",
            "{\"id\":\"new\",\"title\":5} | field_invalid", "{\"id\":\"new\",\"title\":\"a\\nb\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"a\\u0000b\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"a\\u009fb\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"a\\ud800b\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":\"nowhere\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"user\":\"nobody\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":\"house\",\"user\":\"nobody\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":\"nowhere\",\"user\":\"alice\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":\"a/b\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":\"\"} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":null} | field_invalid",
            "{\"id\":\"new\",\"title\":\"n\",\"project\":[\"house\"]} | field_invalid"})
    void refusesBadInputAndAddsNothing(String body, String reason) {
        customer.make("/projects", HOUSE);
        customer.make("/users", ALICE);
        add(customer, lamp);
        View before = View.of(customer);

        Reply reply = customer.manage("POST", "/devices", body.replace("new", own("new")));

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo(reason);
        assertThat(View.of(customer)).isEqualTo(before);
        assertThat(add(neighbour, own("new"))).as("nobody stands in the way of another account").isNotNull();
    }

    @Test
    void limitsTheLengthOfIdsAndTitles() {
        String longId = "d".repeat(120 - lamp.length()) + own("") + "d".repeat(128);
        View before = View.of(customer);

        for (String body : List.of(device(longId.substring(0, 129), "n"), device(lamp, "x".repeat(129)))) {
            assertThat(customer.manage("POST", "/devices", body).reason()).isEqualTo("field_invalid");
        }
        assertThat(View.of(customer)).isEqualTo(before);

        customer.make("/devices", device(longId.substring(0, 128), "x".repeat(128)));
        customer.make("/devices", device(lamp, "💡".repeat(64)));
        assertThat(View.ids(customer)).containsExactly(longId.substring(0, 128), lamp);
        assertThat(customer.manage("GET", "/devices/" + lamp, "").json().required("title").stringValue())
                .isEqualTo("💡".repeat(64));
    }

    @Test
    void refusesAnExistingDevice() {
        customer.make("/projects", HOUSE);
        customer.make("/devices", device(lamp, "first"));
        View before = View.of(customer);

        Reply again = customer.manage("POST", "/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"second\",\"project\":\"house\"}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("already_exists");
        assertThat(again.json().required("detail").stringValue())
                .isEqualTo("Device " + lamp + ": The account already has this device.");
        assertThat(View.of(customer)).isEqualTo(before);
    }

    @Test
    void refusesADeviceOfAnotherAccount() {
        customer.make("/projects", HOUSE);
        add(neighbour, lamp);
        List<View> before = List.of(View.of(customer), View.of(neighbour));

        Reply taken = customer.manage("POST", "/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"mine\",\"project\":\"house\"}");

        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.reason()).isEqualTo("already_exists");
        assertThat(taken.text()).as("whose it is, is nobody's to know").doesNotContain(neighbour.account());
        assertThat(List.of(View.of(customer), View.of(neighbour))).isEqualTo(before);
        assertThat(customer.manage("DELETE", "/devices/" + lamp, "").status()).isEqualTo(404);
        assertThat(customer.manage("GET", "/devices/" + lamp, "").status()).isEqualTo(404);

        neighbour.manage("DELETE", "/devices/" + lamp, "");
        add(customer, lamp);
        assertThat(neighbour.manage("POST", "/devices", device(lamp, "n")).status()).isEqualTo(409);
    }

    @Test
    void doesNothingForAMissingAccount() {
        for (String[] call : new String[][]{{"POST", "", device(lamp, "n")}, {"GET", "", ""}, {"GET", "/x", ""},
                {"DELETE", "/x", ""}, {"POST", "/x/shares", "{}"}, {"GET", "/x/shares", ""},
                {"DELETE", "/x/shares", ""}, {"DELETE", "/x/shares/y", ""}}) {
            Reply reply = GATE.operate(call[0], "/api/v1/accounts/nobody/devices" + call[1], call[2]);
            assertThat(reply.status()).as(call[0] + call[1]).isEqualTo(404);
            assertThat(reply.json().required("detail").stringValue()).isEqualTo("There is no account nobody.");
        }
        assertThat(add(customer, lamp)).isNotNull();
    }

    @Test
    void isOnTheManagementPortOnlyAndHiddenFromOtherAccounts() {
        String path = "/api/v1/accounts/" + customer.account() + "/devices";
        for (String target : List.of(path, path + ":import", path + "/x/shares")) {
            assertThat(RawHttp.call(GATE.managementPort(), "POST", target, device(lamp, "n")).status()).isEqualTo(401);
            assertThat(RawHttp.call(GATE.managementPort(), "POST", target, device(lamp, "n"),
                    "Authorization: Bearer " + GATE.newCustomer().masterKey()).status()).isEqualTo(404);
            assertThat(GATE.call(customer.masterKey(), "POST", target, device(lamp, "n")).reason())
                    .isIn("operation_unknown", "request_ambiguous");
        }
        assertThat(View.ids(customer)).isEmpty();
    }

    @Test
    void sharesADeviceAndShowsItToBoth() {
        neighbour.make("/devices", device(lamp, "Lamp | of neighbour"));
        View before = View.of(customer);

        Reply shared = neighbour.manage("POST", "/devices/" + lamp + "/shares", account(customer));

        assertThat(shared.status()).isEqualTo(201);
        assertThat(shared.header("Location")).isEqualTo("/api/v1/accounts/" + neighbour.account() + "/devices/" + lamp
                + "/shares/" + customer.account());
        assertThat(shared.json())
                .hasToString("{\"device\":\"" + lamp + "\",\"account\":\"" + customer.account() + "\"}");
        assertThat(customer.manage("GET", "/devices/" + lamp, "").json()).hasToString("{\"id\":\"" + lamp
                + "\",\"title\":\"Lamp | of neighbour\",\"project\":null,\"user\":null,\"origin\":\"shared\","
                + "\"seat\":false,\"owner\":\"" + neighbour.account() + "\"}");
        assertThat(receivers()).containsExactly(customer.account());
        assertThat(neighbour.manage("GET", "/devices/" + lamp, "").json().required("origin").stringValue())
                .isEqualTo("direct");
        assertThat(View.of(customer).license()).as("a share is no device of one's own").isEqualTo(before.license());
        assertThat(View.entries(customer)).isZero();
        assertThat(read(customer.masterKey(), lamp).reason()).isEqualTo("device_shared");
    }

    @Test
    void refusesImpossibleShares() {
        Customer third = GATE.newCustomer();
        add(neighbour, lamp);
        share(neighbour, lamp, customer);
        List<Supplier<View>> views = List.of(() -> View.of(customer), () -> View.of(neighbour), () -> View.of(third));
        List<View> before = views.stream().map(Supplier::get).toList();

        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", account(neighbour)), 400,
                "field_invalid");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", "{\"account\":\"nobody\"}"), 404,
                "not_found");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", "{\"account\":\"a/b\"}"), 400,
                "field_invalid");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", "{}"), 400, "field_invalid");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", "{"), 400, "request_malformed");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares",
                "{\"account\":\"" + third.account() + "\",\"note\":\"\"}"), 400, "field_invalid");
        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", account(customer)), 409,
                "already_exists");
        assertRefused(neighbour.manage("POST", "/devices/" + own("none") + "/shares", account(customer)), 404,
                "not_found");
        assertRefused(customer.manage("POST", "/devices/" + lamp + "/shares", account(third)), 409, "not_possible");
        assertRefused(customer.manage("POST", "/devices/" + lamp + "/shares", account(neighbour)), 409,
                "not_possible");
        assertRefused(third.manage("POST", "/devices/" + lamp + "/shares", account(customer)), 404, "not_found");
        assertRefused(customer.manage("POST", "/devices", device(lamp, "n")), 409, "already_exists");
        assertRefused(neighbour.manage("DELETE", "/devices/" + lamp + "/shares/" + third.account(), ""), 404,
                "not_found");
        assertRefused(neighbour.manage("DELETE", "/devices/" + lamp + "/shares/a%20b", ""), 404, "not_found");
        assertRefused(third.manage("DELETE", "/devices/" + lamp + "/shares/" + customer.account(), ""), 404,
                "not_found");
        assertRefused(third.manage("DELETE", "/devices/" + lamp + "/shares", ""), 404, "not_found");
        assertRefused(third.manage("GET", "/devices/" + lamp + "/shares", ""), 404, "not_found");
        assertRefused(third.manage("DELETE", "/devices/" + lamp, ""), 404, "not_found");
        customer.manage("DELETE", "/devices/" + lamp + "/shares", "");

        assertThat(views.stream().map(Supplier::get).toList()).isEqualTo(before);
        assertThat(receivers()).containsExactly(customer.account());
    }

    @Test
    void listsAndEndsShares() {
        add(neighbour, lamp);
        List<Customer> receivers = Stream.generate(GATE::newCustomer).limit(4).toList();
        receivers.forEach(receiver -> share(neighbour, lamp, receiver));
        assertThat(receivers()).containsExactlyElementsOf(receivers.stream().map(Customer::account).toList());
        JsonNode page = neighbour.manage("GET", "/devices/" + lamp + "/shares?per_page=3&page=2", "").json();
        assertThat(page.required("total_count").intValue()).isEqualTo(4);
        assertThat(page.required("shares"))
                .hasToString("[{\"account\":\"" + receivers.get(3).account() + "\"}]");

        String second = "/devices/" + lamp + "/shares/" + receivers.get(1).account();
        assertThat(neighbour.manage("DELETE", second, "").status()).isEqualTo(204);
        assertThat(neighbour.manage("DELETE", second, "").status()).isEqualTo(404);
        assertThat(View.ids(receivers.get(1))).isEmpty();
        assertThat(View.ids(receivers.get(2))).containsExactly(lamp);
        assertThat(receivers()).hasSize(3).doesNotContain(receivers.get(1).account());

        assertThat(neighbour.manage("DELETE", "/devices/" + lamp + "/shares", "").status()).isEqualTo(204);
        assertThat(neighbour.manage("DELETE", "/devices/" + lamp + "/shares", "").status()).isEqualTo(204);
        assertThat(receivers()).isEmpty();
        assertThat(receivers).allSatisfy(receiver -> {
            assertThat(View.ids(receiver)).isEmpty();
            assertThat(read(receiver.masterKey(), lamp).reason()).isEqualTo("device_unknown");
        });
        assertThat(View.ids(neighbour)).containsExactly(lamp);
        share(neighbour, lamp, receivers.get(1));
        assertThat(View.ids(receivers.get(1))).containsExactly(lamp);
    }

    @Test
    void endsAShareWhenTheReceiverDeletesTheDevice() {
        Customer third = GATE.newCustomer();
        add(neighbour, lamp);
        share(neighbour, lamp, customer);
        share(neighbour, lamp, third);
        View before = View.of(neighbour);

        assertThat(customer.manage("DELETE", "/devices/" + lamp, "").status()).isEqualTo(204);

        assertThat(View.ids(customer)).isEmpty();
        assertThat(receivers()).containsExactly(third.account());
        assertThat(View.of(neighbour)).isEqualTo(before);
        assertThat(customer.manage("DELETE", "/devices/" + lamp, "").status()).isEqualTo(404);
        share(neighbour, lamp, customer);
        assertThat(View.ids(customer)).containsExactly(lamp);
    }

    @Test
    void endsAllSharesWhenTheOwnerDeletesTheDevice() {
        Customer third = GATE.newCustomer();
        add(neighbour, lamp);
        share(neighbour, lamp, customer);
        share(neighbour, lamp, third);

        assertThat(neighbour.manage("DELETE", "/devices/" + lamp, "").status()).isEqualTo(204);

        for (Customer receiver : List.of(customer, third)) {
            assertThat(View.ids(receiver)).isEmpty();
            assertThat(receiver.manage("GET", "/devices/" + lamp, "").status()).isEqualTo(404);
            assertThat(read(receiver.masterKey(), lamp).reason()).isEqualTo("device_unknown");
        }
        add(customer, lamp);
        assertThat(customer.manage("GET", "/devices/" + lamp + "/shares", "").json().required("total_count").intValue())
                .as("no share of the former owner").isZero();
        share(customer, lamp, neighbour);
        assertThat(neighbour.manage("GET", "/devices/" + lamp, "").json().required("owner").stringValue())
                .isEqualTo(customer.account());
    }

    @Test
    void limitsTheSharesOfADevice() {
        add(neighbour, lamp);
        List<Customer> receivers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            receivers.add(GATE.newCustomer());
            share(neighbour, lamp, receivers.getLast());
        }

        assertRefused(neighbour.manage("POST", "/devices/" + lamp + "/shares", account(customer)), 409,
                "limit_reached");

        assertThat(View.ids(customer)).isEmpty();
        assertThat(receivers().size()).isEqualTo(100);
        receivers.getFirst().manage("DELETE", "/devices/" + lamp, "");
        share(neighbour, lamp, customer);
    }

    @Test
    void putsNoDeviceIntoAFullProject() {
        String full = IntStream.range(0, 10_000).mapToObj(i -> "\"d" + i + "\"")
                .collect(Collectors.joining(",", "[", "]"));
        customer.make("/projects", "{\"id\":\"full\",\"name\":\"n\",\"devices\":" + full + "}");
        View before = View.of(customer);

        assertRefused(customer.manage("POST", "/devices",
                "{\"id\":\"" + lamp + "\",\"title\":\"n\",\"project\":\"full\"}"), 409, "limit_reached");

        assertThat(View.of(customer)).isEqualTo(before);
        add(neighbour, lamp);
    }

    private String own(String id) {
        return id + "-" + customer.account();
    }

    private static String device(String id, String title) {
        return "{\"id\":\"" + id + "\",\"title\":\"" + title + "\"}";
    }

    private static JsonNode add(Customer whose, String id) {
        return whose.make("/devices", device(id, "n"));
    }

    private void device(String id, String title, String project, String user) {
        customer.make("/devices", "{\"id\":\"" + own(id) + "\",\"title\":\"" + title + "\""
                + (project.isEmpty() ? "" : ",\"project\":\"" + project + "\"")
                + (user.isEmpty() ? "" : ",\"user\":\"" + user + "\"") + "}");
    }

    private List<String> found(String query) {
        return View.ids(customer, "&" + query).stream().map(id -> id.substring(0, id.indexOf('-'))).toList();
    }

    private List<String> group(String path) {
        return customer.manage("GET", path, "").json().required("devices").valueStream().map(JsonNode::stringValue)
                .toList();
    }

    private static String account(Customer with) {
        return "{\"account\":\"" + with.account() + "\"}";
    }

    private static void share(Customer owner, String device, Customer with) {
        owner.make("/devices/" + device + "/shares", account(with));
    }

    /** With whom the lamp of the neighbour is shared. */
    private List<String> receivers() {
        return neighbour.manage("GET", "/devices/" + lamp + "/shares?per_page=100", "").json().required("shares")
                .valueStream().map(share -> share.required("account").stringValue()).toList();
    }

    private static Reply read(String credential, String device) {
        return RawHttp.call(GATE.port(), "GET", "/devices/" + device, "", "Authorization: Bearer " + credential);
    }

    private static void assertRefused(Reply reply, int status, String reason) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo(reason);
    }
}
