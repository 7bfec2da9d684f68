package dev.postern.license;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.Page;
import dev.postern.search.NameSearch;
import dev.postern.store.TestRedis;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Thoroughness;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** A search by title finds the devices as the changes at all gates have left them. */
@OwnsItsGate
class SearchedDevicesTest {
    private static final List<String> TITLES = List.of("Kitchen lamp", "kitchen", "Garage door", "厨房的灯", "");

    @TempDir
    private static Path folder;
    private static TestRedis redis;
    private static Fleet fleet;

    @BeforeAll
    static void start() {
        redis = TestRedis.start(folder);
        fleet = new Fleet(redis.secretKeys());
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static List<String> found(Fleet.Gate gate, AccountId account, String title, Optional<Boolean> direct) {
        return get(gate.list().list(account, new DeviceList.Filter(Optional.of(title), Optional.empty(),
                Optional.empty(), Optional.empty(), direct), new Page.Request(1, 100))).items().stream()
                .map(device -> device.id().value()).toList();
    }

    private static void add(Fleet.Gate gate, AccountId account, String id, String title) {
        assertThat(get(gate.devices().add(account, new NewDevice(new DeviceId(id), title, Optional.empty(),
                Optional.empty())))).isEqualTo(AddDeviceOutcome.ADDED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsWhatTheChangesLeft(long seed) {
        redis.clear();
        Random random = new Random(seed);
        List<Fleet.Gate> gates = List.of(fleet.gate(redis.store()), fleet.gate(redis.store()));
        AccountId account = gates.getFirst().open("acme");
        AccountId neighbour = gates.getFirst().open("other");
        Map<String, String> own = new TreeMap<>();
        Map<String, String> shared = new TreeMap<>();
        for (int step = 0; step < Thoroughness.pick(80, 600); step++) {
            Fleet.Gate gate = gates.get(random.nextInt(2));
            String title = TITLES.get(random.nextInt(TITLES.size()));
            String id = "d" + random.nextInt(25);
            if (own.containsKey(id)) {
                find(gate.devices().delete(account, new DeviceId(id)));
                own.remove(id);
            } else if (shared.containsKey(id)) {
                find(gate.devices().delete(neighbour, new DeviceId(id)));
                shared.remove(id);
            } else if (random.nextBoolean()) {
                add(gate, account, id, title);
                own.put(id, title);
            } else {
                add(gate, neighbour, id, title);
                find(gate.shares().share(neighbour, new DeviceId(id), account));
                shared.put(id, title);
            }
            Fleet.Gate searched = gates.get(random.nextInt(2));
            String term = TITLES.get(random.nextInt(TITLES.size() - 1));
            List<Map.Entry<String, String>> all = new ArrayList<>(own.entrySet());
            assertThat(found(searched, account, term, Optional.of(true))).isEqualTo(ids(all, term));
            all.addAll(shared.entrySet());
            assertThat(found(searched, account, term, Optional.empty())).as("seed %d, step %d", seed, step)
                    .isEqualTo(ids(all, term));
        }
    }

    private static List<String> ids(List<Map.Entry<String, String>> devices, String term) {
        return NameSearch.find(devices, Map.Entry::getValue, term).stream().map(Map.Entry::getKey).toList();
    }

    /** As if the device was deleted between the search and the reading of the page. */
    @Test
    void countsNoDeviceThatIsGoneByNow() {
        redis.clear();
        Fleet.Gate gate = fleet.gate(redis.store());
        AccountId account = gate.open("acme");
        add(gate, account, "d1", "Lamp 1");
        add(gate, account, "d2", "Lamp 2");
        assertThat(found(gate, account, "lamp", Optional.empty())).containsExactly("d1", "d2");
        redis.run(commands -> commands.hdel(LicenseKeys.details(account), "d1"));
        Page<Device> page = get(gate.list().list(account, new DeviceList.Filter(Optional.of("lamp"), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty()), new Page.Request(1, 100)));
        assertThat(page.items()).extracting(device -> device.id().value()).containsExactly("d2");
        assertThat(page.totalCount()).isOne();
    }

    @Test
    void findsByTitleAndSeat() {
        redis.clear();
        Fleet.Gate gate = fleet.gate(redis.store());
        AccountId account = gate.open("acme");
        AccountId neighbour = gate.open("other");
        for (int i = 0; i < 6; i++) {
            add(gate, account, "d" + i, "Lamp " + i);
        }
        add(gate, neighbour, "shared", "Lamp, shared");
        find(gate.shares().share(neighbour, new DeviceId("shared"), account));
        List<String> seated = List.copyOf(gate.seated(account));
        assertThat(seated).hasSize(Fleet.SETTINGS.freeSeats()).isNotEmpty();

        for (boolean seat : List.of(true, false)) {
            List<String> wanted = new ArrayList<>(IntStream.range(0, 6).mapToObj(i -> "d" + i)
                    .filter(id -> seated.contains(id) == seat).toList());
            if (!seat) {
                wanted.add("shared");
            }
            for (int number = 1; number <= 3; number++) {
                Page<Device> page = get(gate.list().list(account, new DeviceList.Filter(Optional.of("lamp"),
                        Optional.empty(), Optional.empty(), Optional.of(seat), Optional.empty()),
                        new Page.Request(number, 2)));
                assertThat(page.items()).extracting(device -> device.id().value()).isEqualTo(
                        wanted.stream().skip(2L * (number - 1)).limit(2).toList());
                assertThat(page.totalCount()).isEqualTo(wanted.size());
            }
        }
    }

    @Test
    void findsDevicesThatAreImportedWhileOthersSearch() {
        redis.clear();
        Fleet.Gate gate = fleet.gate(redis.store());
        AccountId account = gate.open("acme");
        List<NewDevice> devices = Flux.range(0, 3000).map(number -> new NewDevice(new DeviceId("d" + number),
                "Lamp " + number, Optional.empty(), Optional.empty())).toStream().toList();
        assertThat(found(gate, account, "lamp", Optional.empty())).isEmpty();
        Flux.merge(gate.devices().add(account, devices, Devices.newMark()),
                Flux.range(0, 20).concatMap(_ -> gate.list().list(account, new DeviceList.Filter(Optional.of("lamp"),
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
                        new Page.Request(1, 10))))
                .blockLast();
        assertThat(found(gate, account, "Lamp 2999", Optional.empty()).getFirst()).isEqualTo("d2999");
    }
}
