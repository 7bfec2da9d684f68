package dev.postern.outage;

import static org.awaitility.Awaitility.await;

import dev.postern.outage.Fact.Value;
import dev.postern.support.Disruption;
import dev.postern.support.Disruption.Kind;
import dev.postern.support.KeepAlive;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate.Customer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One run of three gates. One account makes, changes and revokes keys, adds and deletes devices, and makes calls; and
 * the gates lose Redis now and then. A seed decides all of this. Each answer must fit what was granted at some moment,
 * as far back as the gate says that it may be behind.
 */
final class RandomOutage {
    private static final int CALLERS = 3;
    private static final int MAX_KEYS = 20;
    private static final int KEY_NOT_FOUND = 40410;
    private static final List<String> METHODS = List.of("GET", "PUT");
    private static final Duration LONGEST_DISRUPTION = Duration.ofSeconds(6);
    private static final Duration CALM = Duration.ofSeconds(2);
    /** How long after the end of a disruption a gate may still say that Redis is away. */
    private static final Duration HEALING = Duration.ofSeconds(6);
    /**
     * The gates wait for Redis for a second, and are not sure of anything after a second and a half without a word from
     * it.
     */
    private static final Duration SLOW = Duration.ofMillis(500);
    private static final Duration SETTLED_AFTER = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final long seed;
    private final ThreeGates gates;
    private final Customer customer;
    private final List<Device> devices = new ArrayList<>();
    private final List<Key> keys = new CopyOnWriteArrayList<>();
    private final List<Span> disruptions = new CopyOnWriteArrayList<>();
    /** When Redis was slow by itself, or the machine stood still. This explains the same answers as a disruption. */
    private final List<Span> slow = new CopyOnWriteArrayList<>();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    RandomOutage(long seed, ThreeGates gates) {
        this.seed = seed;
        this.gates = gates;
        this.customer = gates.gate(0).newCustomer();
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":1000}");
        // A license needs a minimum number of devices. These devices are there for that, and are never called.
        for (int i = 0; i < 20; i++) {
            customer.make("/devices",
                    "{\"id\":\"" + customer.account() + "-other-" + i + "\",\"title\":\"always there\"}");
        }
        for (int i = 0; i < 6; i++) {
            Device device = new Device(customer.account() + "-device-" + i, new Fact(Value.YES));
            // The devices are there from the beginning: otherwise, all calls of a run with few changes would be
            // refused.
            customer.make("/devices", body(device));
            devices.add(device);
        }
    }

    private record Device(String id, Fact present) {}

    /** A key, and what it permits by method and device. */
    private record Key(String secret, Fact alive, List<List<Fact>> permits) {}

    private record Call(Key key, int device, int method, int gate, long began, long ended, Reply reply) {
        Duration behind() {
            return Duration.ofNanos((long) (Double.parseDouble(reply.header("X-Postern-Staleness").split(";", -1)[0])
                    * TimeUnit.SECONDS.toNanos(1)));
        }
    }

    /** A disruption, from when to when; the end is 0 if it is not over yet. */
    private record Span(Disruption what, long began, long ended) {
        boolean explains(Call call) {
            return what.isOf(call.gate()) && began - call.ended() <= 0
                    && (ended == 0 || call.began() - ended <= HEALING.toNanos());
        }
    }

    /** The result of a run. */
    record Outcome(long seed, int allowed, int denied, int unavailable, int disruptions, int keys, Duration mostBehind,
            List<String> wrong) {}

    /** Goes on for this long, and then until the gates have healed. */
    Outcome run(Duration length) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        Random random = new Random(seed);
        threads.add(start("changes", new Random(random.nextLong()), this::change));
        for (int i = 0; i < CALLERS; i++) {
            threads.add(start("calls", new Random(random.nextLong()), this::call));
        }
        threads.add(start("pulse", random, _ -> watchRedis()));
        disrupt(new Random(random.nextLong()), System.nanoTime() + length.toNanos());
        over.set(true);
        for (Thread thread : threads) {
            thread.join(LIMIT);
        }
        calls.forEach(this::check);
        awaitAgreement();
        return new Outcome(seed, count(200), count(401) + count(403), count(503), disruptions.size(), keys.size(),
                calls.stream().filter(call -> call.reply().status() == 200).map(Call::behind)
                        .max(Duration::compareTo).orElse(Duration.ZERO),
                List.copyOf(wrong));
    }

    private int count(int status) {
        return (int) calls.stream().filter(call -> call.reply().status() == status).count();
    }

    private interface Role {
        void play(Random random) throws InterruptedException;
    }

    private Thread start(String name, Random random, Role role) {
        return Thread.ofPlatform().daemon().name(name + " of seed " + seed).start(() -> {
            try {
                role.play(random);
            } catch (InterruptedException | RuntimeException | Error failed) {
                wrong.add(name + " ended: " + failed);
            }
        });
    }

    private void disrupt(Random random, long until) throws InterruptedException {
        Thread.sleep(CALM);
        while (System.nanoTime() - until < 0) {
            Disruption next = Disruption.random(random, gates.size(), LONGEST_DISRUPTION);
            long began = System.nanoTime();
            disruptions.add(new Span(next, began, 0));
            gates.begin(next);
            Thread.sleep(next.length());
            gates.end(next);
            disruptions.set(disruptions.size() - 1, new Span(next, began, System.nanoTime()));
            Thread.sleep(CALM.plusMillis(random.nextInt(3000)));
        }
    }

    /**
     * Notes when Redis itself is slow to answer a write like those of the gates, or when this thread is not scheduled.
     */
    private void watchRedis() {
        while (!over.get()) {
            try (ThreeGates.Direct redis = gates.direct()) {
                long last = System.nanoTime();
                while (!over.get()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                    redis.ask("HSET postern:pulse at 1");
                    long now = System.nanoTime();
                    if (now - last > SLOW.toNanos()) {
                        slow.add(new Span(
                                new Disruption(Kind.STANDING_STILL, Disruption.ALL, Duration.ofNanos(now - last)), last,
                                now));
                    }
                    last = now;
                }
            } catch (UncheckedIOException away) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private void change(Random random) throws InterruptedException {
        while (!over.get()) {
            int gate = random.nextInt(gates.size());
            Key key = keys.isEmpty() ? null : keys.get(random.nextInt(keys.size()));
            int what = random.nextInt(12);
            if (key == null || (what < 4 && keys.stream().filter(RandomOutage::isInUse).count() < MAX_KEYS)) {
                grant(gate, random);
            } else if (what < 7) {
                revoke(gate, key);
            } else if (what < 11) {
                permit(gate, key, random);
            } else {
                addOrDelete(gate, devices.get(random.nextInt(devices.size())));
            }
            Thread.sleep(random.nextInt(100));
        }
    }

    private static boolean isInUse(Key key) {
        return key.alive().now() != Value.NO;
    }

    private void grant(int gate, Random random) {
        List<Set<Integer>> permitted = permissions(random);
        Reply made = keys(gate, "POST", "/keys", body(permitted));
        if (errno(made) == 0) {
            List<List<Fact>> permits = new ArrayList<>();
            for (Set<Integer> ofMethod : permitted) {
                List<Fact> facts = new ArrayList<>();
                for (int device = 0; device < devices.size(); device++) {
                    facts.add(new Fact(ofMethod.contains(device) ? Value.YES : Value.NO));
                }
                permits.add(facts);
            }
            keys.add(new Key(made.json().required("data").required("key").stringValue(), new Fact(Value.YES), permits));
        }
    }

    private void revoke(int gate, Key key) {
        if (!isInUse(key)) {
            return;
        }
        key.alive().is(Value.EITHER, gate);
        int errno = errno(keys(gate, "DELETE", "/keys/" + key.secret(), ""));
        if (errno == 0 || errno == KEY_NOT_FOUND) {
            key.alive().is(Value.NO, gate);
        }
    }

    private void permit(int gate, Key key, Random random) {
        if (key.alive().now() != Value.YES
                || (key.permits().getFirst().getFirst().now() == Value.EITHER && !isSettled())) {
            return;
        }
        List<Set<Integer>> permitted = permissions(random);
        key.permits().forEach(ofMethod -> ofMethod.forEach(fact -> fact.is(Value.EITHER, gate)));
        if (errno(keys(gate, "PUT", "/keys/" + key.secret(), body(permitted))) == 0) {
            for (int method = 0; method < METHODS.size(); method++) {
                for (int device = 0; device < devices.size(); device++) {
                    key.permits().get(method).get(device)
                            .is(permitted.get(method).contains(device) ? Value.YES : Value.NO, gate);
                }
            }
        }
    }

    /**
     * Whether no earlier change can still be made: when Redis goes on after a disruption, it may make a change whose
     * outcome is unknown, even after a later change.
     */
    private boolean isSettled() {
        return Stream.concat(disruptions.stream(), slow.stream()).allMatch(
                span -> span.ended() != 0 && System.nanoTime() - span.ended() > SETTLED_AFTER.toNanos());
    }

    private void addOrDelete(int gate, Device device) {
        Value before = device.present().now();
        if (before == Value.EITHER && !isSettled()) {
            return;
        }
        device.present().is(Value.EITHER, gate);
        if (before == Value.YES) {
            if (manage(gate, "DELETE", "/devices/" + device.id(), "") == 204) {
                device.present().is(Value.NO, gate);
            }
        } else {
            int status = manage(gate, "POST", "/devices", body(device));
            if (status == 201 || status == 409) {
                device.present().is(Value.YES, gate);
            }
        }
    }

    private static String body(Device device) {
        return "{\"id\":\"" + device.id() + "\",\"title\":\"now and then\"}";
    }

    private int manage(int gate, String method, String rest, String body) {
        return gates.gate(gate).operate(method, "/api/v1/accounts/" + customer.account() + rest, body).status();
    }

    private Reply keys(int gate, String method, String target, String body) {
        return gates.gate(gate).call(customer.masterKey(), method, target, body);
    }

    private static int errno(Reply reply) {
        return reply.json().required("errno").intValue();
    }

    /** Random permissions: for each method, the devices. */
    private List<Set<Integer>> permissions(Random random) {
        List<Set<Integer>> permitted = new ArrayList<>();
        for (int method = 0; method < METHODS.size(); method++) {
            Set<Integer> ofMethod = new HashSet<>();
            for (int device = 0; device < devices.size(); device++) {
                if (random.nextInt(4) > 0) {
                    ofMethod.add(device);
                }
            }
            // A permission without resources would be for all devices.
            ofMethod.add(random.nextInt(devices.size()));
            permitted.add(ofMethod);
        }
        return permitted;
    }

    private String body(List<Set<Integer>> permitted) {
        List<String> permissions = new ArrayList<>();
        for (int method = 0; method < METHODS.size(); method++) {
            List<String> resources = permitted.get(method).stream()
                    .map(device -> "{\"dev_id\":\"" + devices.get(device).id() + "\"}").toList();
            permissions.add("{\"access_methods\":[\"" + (method == 0 ? "get" : "put") + "\"],\"resources\":["
                    + String.join(",", resources) + "]}");
        }
        return "{\"title\":\"of a random run\",\"permissions\":[" + String.join(",", permissions) + "]}";
    }

    private void call(Random random) {
        List<KeepAlive> connections = new ArrayList<>();
        try {
            for (int gate = 0; gate < gates.size(); gate++) {
                connections.add(new KeepAlive(gates.gate(gate)));
            }
            while (!over.get()) {
                if (!keys.isEmpty()) {
                    int gate = random.nextInt(gates.size());
                    calls.add(call(connections.get(gate), gate, choose(random), random.nextInt(devices.size()),
                            random.nextInt(METHODS.size())));
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(5)));
            }
        } finally {
            connections.forEach(KeepAlive::close);
        }
    }

    /** Mostly a key that is in use, otherwise one of the last that were made. */
    private Key choose(Random random) {
        List<Key> inUse = keys.stream().filter(RandomOutage::isInUse).toList();
        if (!inUse.isEmpty() && random.nextInt(3) > 0) {
            return inUse.get(random.nextInt(inUse.size()));
        }
        int from = Math.max(0, keys.size() - 2 * MAX_KEYS);
        return keys.get(from + random.nextInt(keys.size() - from));
    }

    private Call call(KeepAlive connection, int gate, Key key, int device, int method) {
        long began = System.nanoTime();
        Reply reply = connection.call(key.secret(), METHODS.get(method), "/devices/" + devices.get(device).id());
        return new Call(key, device, method, gate, began, System.nanoTime(), reply);
    }

    private void check(Call call) {
        boolean right = switch (call.reply().status()) {
            case 200 -> facts(call).stream().allMatch(fact -> mayBe(fact, Value.YES, call));
            case 401, 403 -> facts(call).stream().anyMatch(fact -> mayBe(fact, Value.NO, call));
            case 503 -> call.reply().reason().equals("store_unavailable")
                    && Stream.concat(disruptions.stream(), slow.stream())
                            .anyMatch(disruption -> disruption.explains(call));
            default -> false;
        };
        if (!right) {
            wrong.add("gate " + call.gate() + " at " + TimeUnit.NANOSECONDS.toMillis(call.began()) + " ms: "
                    + METHODS.get(call.method()) + " device " + call.device() + ", status " + call.reply().status()
                    + (call.reply().status() == 200 ? "" : " " + call.reply().reason()) + ", behind "
                    + call.reply().header("X-Postern-Staleness") + ", key, permission, device: " + facts(call)
                    + ", disruptions " + disruptions
                    + ", slow " + slow);
        }
    }

    private static boolean mayBe(Fact fact, Value value, Call call) {
        return fact.mayBe(value, call.gate(), call.began(), call.ended(), call.behind().toNanos());
    }

    private List<Fact> facts(Call call) {
        return List.of(call.key().alive(), call.key().permits().get(call.method()).get(call.device()),
                devices.get(call.device()).present());
    }

    /** Waits until all gates know everything. */
    private void awaitAgreement() {
        for (int gate = 0; gate < gates.size(); gate++) {
            try (KeepAlive connection = new KeepAlive(gates.gate(gate))) {
                for (Key key : keys) {
                    for (int device = 0; device < devices.size(); device++) {
                        agree(connection, gate, key, device, device % METHODS.size());
                    }
                }
            } catch (UncheckedIOException failed) {
                wrong.add("gate " + gate + " in the end: " + failed);
            }
        }
    }

    private void agree(KeepAlive connection, int gate, Key key, int device, int method) {
        Call first = call(connection, gate, key, device, method);
        List<Value> values = facts(first).stream().map(Fact::now).toList();
        boolean allowed = values.stream().allMatch(value -> value == Value.YES);
        if (!allowed && !values.contains(Value.NO)) {
            return;
        }
        if (!agrees(first, allowed)) {
            await().atMost(LIMIT).until(() -> agrees(call(connection, gate, key, device, method), allowed));
        }
    }

    private static boolean agrees(Call call, boolean allowed) {
        int status = call.reply().status();
        return allowed ? status == 200 : status == 401 || status == 403;
    }
}
