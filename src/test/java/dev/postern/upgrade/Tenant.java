package dev.postern.upgrade;

import dev.postern.support.ClientTokens;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.upgrade.Facts.Rights;
import dev.postern.upgrade.Fleet.Gate;
import dev.postern.upgrade.Held.Kind;
import dev.postern.upgrade.Tally.Count;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * An account, the right answer to each of its calls, and how it changes. Only one thread uses it, so the right answer
 * is always known: it is that of the account as it is, or, if another gate has made the last change a short time ago, as
 * it was.
 */
final class Tenant {
    /** A gate that does not hear of changes for this long reads records again before it uses them. */
    private static final Duration STALENESS = Duration.ofMillis(1500);
    private static final Set<String> ALL_ACTIONS = Set.of("GET", "PUT", "POST", "DELETE");
    private static final int DEVICES = 5;
    private static final int GONE = 8;
    private static final Duration RECENT = Duration.ofSeconds(3);

    private final Fleet fleet;
    private final Tally tally;
    private final Random random;
    private final String account;
    private final List<String> devices;
    private final Held master;
    private final Held issued;
    private final Map<Kind, Held> live = new EnumMap<>(Kind.class);
    private final Deque<Held> gone = new ArrayDeque<>();
    private final Set<String> seated = new HashSet<>();
    private String blocked = "";
    private String name = "";
    private int names;
    private int seats = 3;
    private Facts facts;
    private Facts former;
    private Gate changedBy;
    /** The credential that was changed last. */
    private Held touched;
    private long changedAt = System.nanoTime();
    private boolean seatsAreKnown = true;

    Tenant(Fleet fleet, Tally tally, int number, long seed) {
        this.fleet = fleet;
        this.tally = tally;
        this.random = new Random(seed + number);
        this.account = "tenant-" + number;
        this.devices = IntStream.range(0, DEVICES).mapToObj(device -> "t" + number + "d" + device).toList();
        this.changedBy = anyGate();
        String masterKey = made(operate(changedBy, "POST", "/api/v1/accounts",
                "{\"id\":\"" + account + "\",\"name\":\"" + account + "\"}")).required("master_key").stringValue();
        this.master = new Held(Kind.MASTER_KEY, "", () -> masterKey);
        this.issued = new Held(Kind.ISSUER_TOKEN, "",
                () -> fleet.issuer().accessToken(account, "devices", ""));
        Rights everything = new Rights(Set.copyOf(devices), ALL_ACTIONS);
        this.facts = new Facts(Map.of(master, everything, issued, everything), Set.of(), Set.of(), Set.of());
        this.former = facts;
        this.touched = master;
        manage(changedBy, "PUT", "/license", "{\"plan\":\"paid\",\"seats\":" + seats + ",\"years\":1}");
        manage(changedBy, "POST", "/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[]}");
        manage(changedBy, "POST", "/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[]}");
        for (String device : devices.subList(0, 3)) {
            manage(changedBy, "POST", "/devices", "{\"id\":\"" + device + "\",\"title\":\"t\"}");
            facts = facts.withDevice(device);
            seated.add(device);
        }
        for (Kind kind : List.of(Kind.API_KEY, Kind.STATIC_TOKEN, Kind.ACCESS_TOKEN, Kind.TERMINAL, Kind.RSA_TOKEN,
                Kind.JWT_TOKEN)) {
            create(changedBy, kind);
        }
        former = facts;
    }

    private Gate anyGate() {
        return fleet.serving().get(random.nextInt(fleet.serving().size()));
    }

    // Calls, and what they must be answered.

    /** Calls a device, and judges the answer. */
    void call(Caller caller) {
        boolean settled = System.nanoTime() - changedAt > STALENESS.toNanos();
        if (settled && !seatsAreKnown) {
            learnSeats();
        }
        Held credential = anyCredential();
        String device = devices.get(random.nextInt(DEVICES));
        String action = random.nextInt(4) == 0 ? "PUT" : "GET";
        Gate gate = anyGate();
        long begun = System.nanoTime();
        Reply reply = caller.call(gate, action, "/devices/" + device, credential, random.nextInt(4) == 0);
        long age = begun - changedAt;
        boolean mayBeOutdated = age <= STALENESS.toNanos() && !gate.equals(changedBy);

        boolean permitted = facts.permits(credential, action, device);
        boolean wasPermitted = mayBeOutdated && former.permits(credential, action, device);
        boolean hasSeat = seated.contains(device) || seated.size() < seats;
        boolean mayAllow = (permitted || wasPermitted) && (hasSeat || !seatsAreKnown);
        boolean wasRefused = mayBeOutdated && !former.permits(credential, action, device);
        boolean mayRefuse = !permitted || wasRefused || !hasSeat || !seatsAreKnown;
        String what = credential.kind() + " " + action + " " + device + " at the " + gate + ", " + age / 1_000_000
                + " ms after a change by the " + changedBy + ": " + reply.status() + " " + reason(reply);
        if (reply.status() == 200) {
            tally.count(Count.ALLOWED);
            if (!mayAllow) {
                tally.wrong(Count.WRONG_ALLOW, what);
            } else if (!permitted) {
                tally.outdated(age);
            }
            if (seatsAreKnown) {
                // The call has taken a free seat, if the device had none.
                seated.add(device);
            }
        } else if (reply.status() == 401 || reply.status() == 403) {
            tally.count(Count.REFUSED);
            if (!mayRefuse) {
                tally.wrong(Count.WRONG_DENY, what);
            } else if (permitted && hasSeat && seatsAreKnown) {
                tally.outdated(age);
            }
        } else {
            tally.wrong(Count.FAILED, what);
        }
        if (reply.header("X-Postern-Lane").equals("express")) {
            tally.count(Count.EXPRESS);
        }
    }

    private static String reason(Reply reply) {
        return reply.status() >= 400 && reply.header("Content-Type").contains("json")
                ? reply.json().path("reason").asString("")
                : "";
    }

    private Held anyCredential() {
        if (System.nanoTime() - changedAt < RECENT.toNanos() && random.nextBoolean()) {
            return touched;
        }
        if (!gone.isEmpty() && random.nextInt(8) == 0) {
            return List.copyOf(gone).get(random.nextInt(gone.size()));
        }
        List<Held> all = new ArrayList<>(live.values());
        all.add(master);
        all.add(issued);
        return all.get(random.nextInt(all.size()));
    }

    /** Reads which devices have a seat, after gates have assigned or taken seats in an order that is not known. */
    private void learnSeats() {
        Gate gate = anyGate();
        JsonNode list = manage(gate, "GET", "/devices?per_page=100", "").path("devices");
        Set<String> found = new HashSet<>();
        Set<String> present = new HashSet<>();
        for (JsonNode device : list) {
            String id = device.required("id").stringValue();
            present.add(id);
            if (device.required("seat").booleanValue()) {
                found.add(id);
            }
        }
        if (!present.equals(facts.registered())) {
            tally.wrong(Count.FAILED, account + " has the devices " + present + " at the " + gate + ", not "
                    + facts.registered());
        }
        if (found.size() > seats) {
            tally.wrong(Count.SEATS, account + " has " + found.size() + " devices with a seat, and " + seats
                    + " seats");
        }
        seated.clear();
        seated.addAll(found);
        seatsAreKnown = true;
    }

    // Changes.

    /** Changes something by a random gate. Between two changes, gates have time to learn of the first. */
    void change() {
        if (!seatsAreKnown) {
            learnSeats();
        }
        Gate gate = anyGate();
        Facts before = facts;
        tally.count(Count.CHANGES);
        switch (random.nextInt(12)) {
            case 0 -> changeGroups(gate);
            case 1 -> changeSeats(gate);
            case 2 -> changeBlock(gate);
            case 3, 4, 5 -> changeDevices(gate);
            default -> changeCredential(gate);
        }
        former = before;
        for (Held credential : facts.rights().keySet()) {
            if (!before.rights().containsKey(credential)) {
                // No gate can have heard of it before, so it works at once.
                former = former.with(credential, facts.rights().get(credential));
            }
        }
        changedBy = gate;
        changedAt = System.nanoTime();
    }

    private Set<String> someDevices() {
        return devices.stream().filter(_ -> random.nextInt(4) > 0).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String json(Set<String> ids) {
        return ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private void changeGroups(Gate gate) {
        // A device that is not registered would stay in the group when it is registered and removed later.
        Set<String> members = someDevices();
        members.retainAll(facts.registered());
        if (random.nextBoolean()) {
            manage(gate, "PUT", "/projects/house", "{\"name\":\"House\",\"devices\":" + json(members) + "}");
            facts = facts.withGroups(members, facts.alice());
        } else {
            manage(gate, "PUT", "/users/alice", "{\"name\":\"Alice\",\"devices\":" + json(members) + "}");
            facts = facts.withGroups(facts.house(), members);
        }
    }

    private void changeSeats(Gate gate) {
        seats = DEVICES - random.nextInt(3);
        manage(gate, "PUT", "/license", "{\"seats\":" + seats + "}");
        seatsAreKnown = false;
    }

    private void changeBlock(Gate gate) {
        if (blocked.isEmpty()) {
            blocked = manage(gate, "POST", "/blocked-subjects", "{\"issuer\":\"test\",\"subject\":\"alice\"}")
                    .path("id").asString("");
            facts = facts.with(issued, Rights.NONE);
            touched = issued;
        } else {
            manage(gate, "DELETE", "/blocked-subjects/" + blocked, "");
            blocked = "";
            facts = facts.with(issued, new Rights(Set.copyOf(devices), ALL_ACTIONS));
        }
    }

    private void changeDevices(Gate gate) {
        // The first device stays: it is also the terminal.
        String device = devices.get(1 + random.nextInt(DEVICES - 1));
        if (random.nextBoolean()) {
            // Mostly, most devices are there.
            device = devices.stream().filter(each -> !facts.registered().contains(each)).findAny().orElse(device);
        }
        boolean byTraffic = random.nextBoolean();
        if (!facts.registered().contains(device)) {
            if (byTraffic) {
                expect(RawHttp.call(gate.port(), "POST", "/devices", "{\"device_id\":\"" + device + "\"}",
                        "api-key: " + master.presented()), "registration");
            } else {
                manage(gate, "POST", "/devices", "{\"id\":\"" + device + "\",\"title\":\"t\"}");
            }
            facts = facts.withDevice(device);
        } else {
            if (byTraffic && seated.contains(device)) {
                expect(RawHttp.call(gate.port(), "DELETE", "/devices/" + device, "",
                        "api-key: " + master.presented()), "removal");
            } else {
                manage(gate, "DELETE", "/devices/" + device, "");
            }
            facts = facts.withoutDevice(device);
        }
        seatsAreKnown = false;
    }

    private void changeCredential(Gate gate) {
        List<Kind> kinds = List.of(Kind.API_KEY, Kind.API_KEY, Kind.STATIC_TOKEN, Kind.STATIC_TOKEN, Kind.ACCESS_TOKEN,
                Kind.TERMINAL, Kind.RSA_TOKEN, Kind.JWT_TOKEN);
        Kind kind = kinds.get(random.nextInt(kinds.size()));
        Held present = live.get(kind);
        if (present == null) {
            create(gate, kind);
        } else if (random.nextInt(3) == 0) {
            delete(gate, present);
        } else {
            update(gate, present);
        }
    }

    private static String list(Kind kind) {
        return switch (kind) {
            case STATIC_TOKEN -> "/static-tokens";
            case ACCESS_TOKEN, TERMINAL -> "/applications";
            case RSA_TOKEN -> "/rsa-tokens";
            case JWT_TOKEN -> "/jwt-tokens";
            case MASTER_KEY, API_KEY, ISSUER_TOKEN -> throw new IllegalArgumentException(kind + " has no list");
        };
    }

    private String permissions(Rights rights) {
        return "[{\"access_methods\":" + json(lowerCase(rights.actions())) + ",\"resources\":["
                + rights.devices().stream().map(device -> "{\"dev_id\":\"" + device + "\"}")
                        .collect(Collectors.joining(","))
                + "]}]";
    }

    private static Set<String> lowerCase(Set<String> actions) {
        return actions.stream().map(action -> action.toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Rights someRights() {
        return new Rights(someDevices(), random.nextInt(3) == 0 ? Set.of("GET") : Set.of("GET", "PUT"));
    }

    private String rules(Rights rights) {
        return "[{\"actions\":" + json(lowerCase(rights.actions())) + ",\"devices\":"
                + json(new TreeSet<>(rights.devices())) + "}]";
    }

    private void create(Gate gate, Kind kind) {
        name = account + "-" + names++;
        Rights rights = someRights();
        Rights all = new Rights(Set.copyOf(devices), ALL_ACTIONS);
        switch (kind) {
            case API_KEY -> {
                String key = keys(gate, "POST", "/keys",
                        "{\"title\":\"" + name + "\",\"permissions\":" + permissions(rights) + "}").path("data")
                        .path("key").asString("");
                hold(new Held(kind, key, () -> key), rights);
            }
            case STATIC_TOKEN -> {
                JsonNode made = manage(gate, "POST", "/static-tokens",
                        "{\"name\":\"" + name + "\",\"rules\":" + rules(rights) + "}");
                String token = made.path("token").asString("");
                hold(new Held(kind, made.path("id").asString(""), () -> token), rights);
            }
            case ACCESS_TOKEN -> {
                JsonNode made = application(gate, "software");
                Reply reply = RawHttp.call(gate.port(), "POST", "/oauth/token", "grant_type=client_credentials",
                        TestApplication.basic(made.path("app_key").asString(""), made.path("app_secret").asString("")),
                        "Content-Type: application/x-www-form-urlencoded");
                expect(reply, "/oauth/token");
                String token = reply.json().path("access_token").asString("");
                hold(new Held(kind, made.path("id").asString(""), () -> token), all);
            }
            case TERMINAL -> {
                JsonNode made = application(gate, "hardware");
                String authcode = manage(gate, "POST", "/applications/" + made.path("id").asString("") + "/authcodes",
                        "{\"count\":1,\"terminals\":1,\"valid_days\":1}").path("authcodes").path(0).path("authcode")
                        .asString("");
                Reply reply = RawHttp.call(anyGate().port(), "GET", "/httpapi/authorize.do?appkey="
                        + made.path("app_key").asString("") + "&userid=" + devices.getFirst() + "&authcode=" + authcode,
                        "");
                expect(reply, "authorize.do");
                String token = reply.json().path("data").path("accessToken").asString("");
                hold(new Held(kind, made.path("id").asString(""), () -> token),
                        new Rights(Set.of(devices.getFirst()), ALL_ACTIONS));
            }
            case RSA_TOKEN -> {
                String id = manage(gate, "POST", "/rsa-tokens", "{\"name\":\"" + name
                        + "\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}").path("id").asString("");
                JsonNode file = manage(anyGate(), "GET", "/rsa-tokens/" + id + "/file", "");
                hold(new Held(kind, id, () -> ClientTokens.encrypted(file, "")),
                        new Rights(facts.house(), ALL_ACTIONS));
            }
            case JWT_TOKEN -> {
                JsonNode made = manage(gate, "POST", "/jwt-tokens", "{\"name\":\"" + name
                        + "\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
                hold(new Held(kind, made.path("id").asString(""),
                        () -> ClientTokens.signed(made, ClientTokens.claims("\"sub\":\"alice\""))),
                        new Rights(facts.alice(), ALL_ACTIONS));
            }
            case MASTER_KEY, ISSUER_TOKEN -> throw new IllegalArgumentException(kind + " is not made here");
        }
    }

    private JsonNode application(Gate gate, String kind) {
        return manage(gate, "POST", "/applications", "{\"name\":\"" + name + "\",\"kind\":\"" + kind
                + "\",\"rules\":[{\"actions\":[\"get\",\"put\",\"post\",\"delete\"],\"devices\":\"all\"}]}");
    }

    private void hold(Held credential, Rights rights) {
        live.put(credential.kind(), credential);
        facts = facts.with(credential, rights);
        touched = credential;
    }

    private void letGo(Held credential) {
        live.remove(credential.kind(), credential);
        facts = facts.with(credential, Rights.NONE);
        touched = credential;
        gone.add(credential);
        if (gone.size() > GONE) {
            facts = facts.without(gone.remove());
        }
    }

    private void delete(Gate gate, Held present) {
        if (present.kind() == Kind.API_KEY) {
            keys(gate, "DELETE", "/keys/" + present.id(), "");
        } else {
            manage(gate, "DELETE", list(present.kind()) + "/" + present.id(), "");
        }
        letGo(present);
    }

    /** Changes what it permits, disables and enables it, or replaces its secret. */
    private void update(Gate gate, Held present) {
        Rights rights = someRights();
        touched = present;
        String place = present.kind() == Kind.API_KEY ? "" : list(present.kind()) + "/" + present.id();
        switch (present.kind()) {
            case API_KEY -> {
                keys(gate, "PUT", "/keys/" + present.id(),
                        "{\"title\":\"changed\",\"permissions\":" + permissions(rights) + "}");
                facts = facts.with(present, rights);
            }
            case STATIC_TOKEN -> {
                if (random.nextBoolean()) {
                    manage(gate, "PUT", place, "{\"name\":\"" + account + "-" + names++ + "\",\"rules\":"
                            + rules(rights) + "}");
                    facts = facts.with(present, rights);
                } else {
                    String token = manage(gate, "POST", place + ":rotate", "{\"overlap\":\"PT0S\"}").path("token")
                            .asString("");
                    Rights same = facts.rights().get(present);
                    hold(new Held(present.kind(), present.id(), () -> token), same);
                    letGo(present);
                }
            }
            case ACCESS_TOKEN, TERMINAL -> {
                boolean isOn = !facts.rights().get(present).equals(Rights.NONE);
                manage(gate, "PUT", place, "{\"name\":\"n\",\"enabled\":" + !isOn
                        + ",\"rules\":[{\"actions\":[\"get\",\"put\",\"post\",\"delete\"],\"devices\":\"all\"}]}");
                Set<String> permitted = present.kind() == Kind.TERMINAL
                        ? Set.of(devices.getFirst())
                        : Set.copyOf(devices);
                facts = facts.with(present, isOn ? Rights.NONE : new Rights(permitted, ALL_ACTIONS));
            }
            case RSA_TOKEN, JWT_TOKEN -> {
                boolean isRsa = present.kind() == Kind.RSA_TOKEN;
                boolean isOn = !facts.rights().get(present).equals(Rights.NONE);
                manage(gate, "PUT", place, "{\"name\":\"" + account + "-" + names++ + "\",\"enabled\":" + !isOn
                        + ",\"apis\":[\"devices\"],"
                        + (isRsa ? "\"projects\":[\"house\"]" : "\"users\":[\"alice\"]") + "}");
                facts = facts.with(present, isOn
                        ? Rights.NONE
                        : new Rights(isRsa ? facts.house() : facts.alice(), ALL_ACTIONS));
            }
            case MASTER_KEY, ISSUER_TOKEN -> throw new IllegalArgumentException(present.kind() + " does not change");
        }
    }

    // Calls of the management API and of dialects, which must succeed.

    private JsonNode manage(Gate gate, String method, String rest, String body) {
        return made(operate(gate, method, "/api/v1/accounts/" + account + rest, body));
    }

    private static Reply operate(Gate gate, String method, String target, String body) {
        return RawHttp.call(gate.managementPort(), method, target, body.getBytes(StandardCharsets.UTF_8),
                "Authorization: Bearer " + TestGate.OPERATOR_TOKEN);
    }

    private JsonNode keys(Gate gate, String method, String target, String body) {
        Reply reply = RawHttp.call(gate.port(), method, target, body, "api-key: " + master.presented());
        if (reply.json().path("errno").asInt(-1) != 0) {
            tally.wrong(Count.FAILED, account + ": /keys at the " + gate + " answers " + reply.text());
        }
        return reply.json();
    }

    private JsonNode made(Reply reply) {
        expect(reply, "the management API");
        return reply.body().length == 0 ? NullNode.getInstance() : reply.json();
    }

    private void expect(Reply reply, String what) {
        if (reply.status() / 100 != 2) {
            tally.wrong(Count.FAILED, account + ": " + what + " answers " + reply.status() + " " + reply.text());
        }
    }
}
