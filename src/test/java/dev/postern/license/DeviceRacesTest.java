package dev.postern.license;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.store.Patience;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * What happens to devices and seats when one call comes between two steps of another, or when a call breaks off between
 * two steps.
 */
@OwnsItsGate
class DeviceRacesTest {
    private static final DeviceId CAMERA = new DeviceId("camera");
    /** A text in the script call that adds the device, and in no earlier command. */
    private static final String ADDS = "title-of-it";

    @TempDir
    private static Path folder;
    private static TestRedis redis;
    private static Fleet fleet;
    private Fleet.Gate gate;
    private AccountId acme;
    private AccountId bravo;
    private AccountId carol;

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
        fleet = new Fleet(redis.secretKeys());
        // From here on, Redis knows every script: a call that breaks off could not send the text of a script.
        Fleet.Gate first = fleet.gate(redis.store());
        AccountId one = first.open("one");
        AccountId two = first.open("two");
        first.pay(one, 1);
        first.add(one, "device");
        first.add(two, "device");
        get(first.shares().share(one, new DeviceId("device"), two).thenReturn(true));
        get(first.devices().delete(one, new DeviceId("device")));
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void openAccounts() {
        redis.clear();
        gate = fleet.gate(redis.store());
        acme = gate.open("acme");
        bravo = gate.open("bravo");
        carol = gate.open("carol");
    }

    @Test
    void aDeviceTakenOverWhileItIsAddedIsNotAddedTwice() throws Exception {
        AddDeviceOutcome[] meanwhile = new AddDeviceOutcome[1];
        AddDeviceOutcome late = between(ADDS, other -> other.devices().add(bravo, camera()),
                () -> meanwhile[0] = gate.add(acme, "camera"));

        assertThat(meanwhile[0]).isEqualTo(AddDeviceOutcome.ADDED);
        assertThat(late).isEqualTo(AddDeviceOutcome.HELD_BY_ANOTHER);
        assertThat(holders()).containsExactly(acme);
    }

    @Test
    void aDeviceTakenOverHasOneOwnerIfTheFirstAttemptFails() throws Exception {
        breakOffAt(ADDS, other -> other.devices().add(bravo, camera()),
                () -> assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.ADDED));

        assertThat(holders()).containsExactly(acme);
        assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.HELD_BY_ANOTHER);
    }

    @Test
    void anInterruptedTakeoverLeavesTheDeviceToItsOwner() throws Exception {
        String[] mark = {Devices.newMark()};
        breakOffAt(ADDS, other -> other.devices().add(bravo, List.of(camera()), mark[0]), () -> {
            try (Relay relay = redis.relay()) {
                relay.hold("\r\nbravo|");
                Disposable taking = fleet.gate(relay.store()).devices().add(acme, camera()).subscribe();
                relay.awaitHeld();
                assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
                taking.dispose();
                relay.release();
                get(relay.store().run(RedisClusterAsyncCommands::ping));
            }
        });

        assertThat(gate.add(carol, "camera")).isEqualTo(AddDeviceOutcome.HELD_BY_ANOTHER);
        assertThat(holders()).containsExactly(bravo);
    }

    @Test
    void aDeviceWithAnInterruptedDeletionCanBeAddedByAnotherAccount() throws Exception {
        gate.add(bravo, "camera");
        get(gate.shares().share(bravo, CAMERA, carol).thenReturn(true));
        try (Relay relay = redis.relay()) {
            relay.hold("postern:{carol}:devices-received");
            Disposable deleting = fleet.gate(relay.store()).devices().delete(bravo, CAMERA).subscribe();
            relay.awaitHeld();
            deleting.dispose();
        }

        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
        assertThat(holders()).containsExactly(acme);
        assertThat(find(gate.list().find(carol, CAMERA))).isEmpty();
        assertThat(get(gate.shares().receivers(bravo, CAMERA))).isEmpty();
    }

    @Test
    void aDeviceWithAnInterruptedDeletionCanBeAddedByTheSameAccount() throws Exception {
        gate.add(bravo, "camera");
        get(gate.shares().share(bravo, CAMERA, carol).thenReturn(true));
        try (Relay relay = redis.relay()) {
            relay.hold("postern:{carol}:devices-received");
            Disposable deleting = fleet.gate(relay.store()).devices().delete(bravo, CAMERA).subscribe();
            relay.awaitHeld();
            deleting.dispose();
        }

        assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
        assertThat(find(gate.list().find(carol, CAMERA))).isEmpty();
    }

    @Test
    void aLateReleaseLeavesTheDeviceToItsNewOwner() throws Exception {
        gate.add(bravo, "camera");
        between("\r\nbravo|", other -> other.devices().delete(bravo, CAMERA),
                () -> assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.ADDED));

        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.HELD_BY_ANOTHER);
        assertThat(holders()).containsExactly(bravo);
    }

    @Test
    void aLateReleaseLeavesTheDeviceToARepetitionOfTheAttemptThatAddedIt() throws Exception {
        Mono<List<AddDeviceOutcome>> attempt = gate.devices().add(bravo, List.of(camera()), Devices.newMark());
        get(attempt);
        between("\r\nbravo|", other -> other.devices().delete(bravo, CAMERA),
                () -> assertThat(get(attempt)).containsExactly(AddDeviceOutcome.ADDED));

        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.HELD_BY_ANOTHER);
        assertThat(holders()).containsExactly(bravo);
    }

    @Test
    void aRepeatedAttemptReportsAgainWhatItAdded() {
        Mono<List<AddDeviceOutcome>> attempt = gate.devices().add(bravo, List.of(camera()), Devices.newMark());
        assertThat(get(attempt)).containsExactly(AddDeviceOutcome.ADDED);
        assertThat(get(attempt)).containsExactly(AddDeviceOutcome.ADDED);
        assertThat(get(gate.devices().add(bravo, camera()))).isEqualTo(AddDeviceOutcome.ALREADY_THERE);
    }

    @Test
    void anInterruptedAttemptIsContinuedByAnother() throws Exception {
        try (Relay relay = redis.relay()) {
            relay.hold(ADDS);
            Disposable adding = fleet.gate(relay.store()).devices().add(bravo, camera()).subscribe();
            relay.awaitHeld();
            adding.dispose();
            assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
            relay.release();
            get(relay.store().run(RedisClusterAsyncCommands::ping));
        }
        assertThat(get(gate.devices().delete(bravo, CAMERA))).isTrue();
        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
        assertThat(holders()).containsExactly(acme);
    }

    @Test
    void aDeletedDeviceIsNotAddedAgainByALateCommand() throws Exception {
        breakOffAt(ADDS, other -> other.devices().add(bravo, camera()), () -> {
            assertThat(gate.add(bravo, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
            assertThat(get(gate.devices().delete(bravo, CAMERA))).isTrue();
        });

        assertThat(holders()).isEmpty();
    }

    @Test
    void onlyOneOfManyAddsADevice() throws Exception {
        for (int round = 0; round < 20; round++) {
            String device = "device-" + round;
            List<Callable<AddDeviceOutcome>> tasks = new ArrayList<>();
            for (AccountId account : List.of(acme, bravo, carol, acme, bravo, carol)) {
                tasks.add(() -> gate.add(account, device));
            }
            List<AddDeviceOutcome> outcomes = AtOnce.run(tasks);
            List<AccountId> holders = holders(new DeviceId(device));
            assertThat(holders.size()).as("%s", outcomes).isLessThanOrEqualTo(1);
            assertThat(outcomes.stream().filter(AddDeviceOutcome.ADDED::equals)).hasSize(holders.size());
            assertThat(gate.add(acme, device)).isIn(AddDeviceOutcome.ADDED, AddDeviceOutcome.ALREADY_THERE,
                    AddDeviceOutcome.HELD_BY_ANOTHER);
            assertThat(holders(new DeviceId(device))).hasSize(1);
        }
    }

    @Test
    void noneOfManyFirstCallsOfADeviceIsRefused() throws Exception {
        Fleet.Gate first = fleet.gate(redis.store(),
                Fleet.settings(LicenseSettings.Enrollment.FIRST_USE, Duration.ofSeconds(5)));
        first.add(acme, "one", "two");
        for (int round = 0; round < 10; round++) {
            String device = "device-" + round;
            first.pay(acme, 10 + round);
            List<Callable<Optional<DenyReason>>> tasks = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tasks.add(() -> first.call(acme, device));
            }
            assertThat(AtOnce.run(tasks)).containsOnly(Optional.empty());
        }
        assertThat(Replay.of(first.entries(acme))).isEqualTo(first.seated(acme)).hasSize(12);
    }

    @Test
    void aDeviceIsNotAddedToAnAccountThatIsDeletedMeanwhile() throws Exception {
        AddDeviceOutcome late = between(ADDS, other -> other.devices().add(bravo, camera()),
                () -> assertThat(get(gate.accounts().delete(bravo))).isTrue());

        assertThat(late).isEqualTo(AddDeviceOutcome.ACCOUNT_GONE);
        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
        assertThat(keysOf(bravo)).isEmpty();
    }

    @Test
    void aGroupDeletedMeanwhileRefusesTheDevice() throws Exception {
        gate.newGroup(bravo, DeviceGroup.Kind.PROJECT, "p");
        AddDeviceOutcome late = between(ADDS, other -> other.devices().add(bravo, camera("p")),
                () -> get(gate.groups().delete(bravo, new DeviceGroup(DeviceGroup.Kind.PROJECT, "p"))));

        assertThat(late).isEqualTo(AddDeviceOutcome.PROJECT_UNKNOWN);
        assertThat(holders()).isEmpty();
        assertThat(gate.add(acme, "camera")).isEqualTo(AddDeviceOutcome.ADDED);
    }

    @Test
    void aShareEndedWhileItIsCreatedIsOnNeitherSide() throws Exception {
        gate.add(bravo, "camera");
        try (Relay sharing = redis.relay(); Relay ending = redis.relay()) {
            sharing.hold("postern:{carol}:devices-received");
            CompletableFuture<@Nullable Boolean> shared = fleet.gate(sharing.store()).shares()
                    .share(bravo, CAMERA, carol).thenReturn(true)
                    .onErrorReturn(ChangeRefusedException.class, false).toFuture();
            sharing.awaitHeld();
            // The deletion changes the receiver's side before the sharing does, and the owner's side after it.
            ending.hold("\r\ncarol\r\n");
            CompletableFuture<@Nullable Boolean> ended = fleet.gate(ending.store()).devices().delete(bravo, CAMERA)
                    .toFuture();
            ending.awaitHeld();
            sharing.release();
            shared.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            ending.release();
            assertThat(ended.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertThat(find(gate.list().find(carol, CAMERA))).isEmpty();
    }

    @Test
    void aChangeAppliesToTheNextCallBeforeItIsAnswered() {
        gate.pay(acme, 4);
        gate.add(acme, "one", "two", "three", "four");
        assertRemembered("three");
        assertForgotten("three", gate.licenses().change(acme, seats(2)));
        gate.pay(acme, 4);
        assertThat(gate.call(acme, "three")).isEmpty();
        assertThat(gate.call(acme, "four")).isEmpty();
        gate.add(acme, "five");
        assertRemembered("one");
        assertForgotten("one", gate.licenses().moveSeat(acme, new DeviceId("one"), new DeviceId("five")));
        assertThat(gate.call(acme, "one")).contains(DenyReason.DEVICE_OVER_QUOTA);
        assertRemembered("two");
        assertForgotten("two", gate.devices().delete(acme, new DeviceId("two")));
        assertThat(gate.call(acme, "two")).contains(DenyReason.DEVICE_UNKNOWN);
        assertRemembered("three");
        assertForgotten("three", gate.accounts().delete(acme));
        assertThat(gate.call(acme, "three")).isPresent();
    }

    @Test
    void aDeletionTakesEffectThoughNobodyWaitsForIt() throws Exception {
        gate.add(acme, "one", "two", "camera");
        try (Relay relay = redis.relay()) {
            Fleet.Gate other = fleet.gate(relay.store());
            assertThat(other.call(acme, "camera")).isEmpty();
            relay.hold("\r\ncamera\r\n");
            Disposable deleting = other.devices().delete(acme, CAMERA).subscribe();
            relay.awaitHeld();
            deleting.dispose();
            relay.release();
            assertThat(other.call(acme, "camera")).contains(DenyReason.DEVICE_UNKNOWN);
        }
    }

    @Test
    void anInterruptedReductionLeavesNoDeviceBeyondTheLicense() throws Exception {
        gate.pay(acme, 2500);
        List<NewDevice> many = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            many.add(NewDevice.untitled(new DeviceId("device-" + i)));
        }
        assertThat(get(gate.devices().add(acme, many, Devices.newMark()))).containsOnly(AddDeviceOutcome.ADDED);
        try (Relay relay = redis.relay()) {
            relay.hold("1|paid|3|");
            Disposable shrinking = fleet.gate(relay.store()).licenses().change(acme, seats(3)).subscribe();
            relay.awaitHeld();
            shrinking.dispose();
            relay.release();
            get(relay.store().run(RedisClusterAsyncCommands::ping));
        }
        assertThat(gate.license(acme).used()).isEqualTo(1500);
        assertThat(gate.call(acme, "device-2")).isEmpty();
        assertThat(gate.call(acme, "device-3")).contains(DenyReason.DEVICE_OVER_QUOTA);
        assertThat(gate.call(acme, "device-1499")).contains(DenyReason.DEVICE_OVER_QUOTA);
        assertThat(gate.call(acme, "device-2499")).contains(DenyReason.DEVICE_OVER_QUOTA);
        assertThat(gate.call(acme, "device-0", "device-1")).isEmpty();
        assertThat(Replay.of(gate.entries(acme))).isEqualTo(gate.seated(acme));
    }

    @Test
    void waitingChangesOfOneDeviceAreBounded() {
        PendingRegistrations registrations = new PendingRegistrations();
        for (int i = 0; i < 20_000; i++) {
            registrations.run(acme, CAMERA, Mono.never());
        }
        assertThat(registrations.size()).isEqualTo(10_000);
        assertThat(registrations.dropped()).isEqualTo(10_000);
    }

    @Test
    void aCallDoesNotWaitForAChangeThatDoesNotEnd() {
        gate.add(acme, "one", "two", "camera");
        gate.devices().registrations().run(acme, CAMERA, Mono.never());
        assertThat(gate.call(acme, "camera")).isEmpty();
    }

    private static LicenseManagement.Change seats(int number) {
        return new LicenseManagement.Change(Optional.of(License.Plan.PAID), OptionalInt.of(number), OptionalInt.empty(),
                Optional.empty(), Optional.empty());
    }

    private void assertRemembered(String device) {
        // In between, the gate may hear of its own change once more, and forget the device again.
        await().until(() -> {
            assertThat(gate.call(acme, device)).isEmpty();
            return isRemembered(device);
        });
    }

    /** Asks in the very moment in which the change is answered. */
    private void assertForgotten(String device, Mono<?> change) {
        Boolean remembered = get(change.<Boolean>map(_ -> isRemembered(device))
                .switchIfEmpty(Mono.fromSupplier(() -> isRemembered(device))));
        assertThat(remembered).isEqualTo(false);
    }

    private boolean isRemembered(String device) {
        return gate.licenseCheck().isCoveredNow(acme, List.of(new DeviceId(device)), DeviceUse.ORDINARY,
                Patience.READ);
    }

    private static NewDevice camera() {
        return new NewDevice(CAMERA, ADDS, Optional.empty(), Optional.empty());
    }

    private static NewDevice camera(String project) {
        return new NewDevice(CAMERA, ADDS, Optional.of(project), Optional.empty());
    }

    /** The accounts that have the camera directly. */
    private List<AccountId> holders() {
        return holders(CAMERA);
    }

    private List<AccountId> holders(DeviceId device) {
        return List.of(acme, bravo, carol).stream()
                .filter(account -> find(gate.list().find(account, device))
                        .filter(Device.Direct.class::isInstance).isPresent())
                .toList();
    }

    private static Set<String> keysOf(AccountId account) {
        return Set.copyOf(redis.run(commands -> commands.keys("postern:{" + account + "}:*")));
    }

    /** What a call does at a gate. */
    private interface Step<T> {
        Mono<T> at(Fleet.Gate gate);
    }

    private interface Meanwhile {
        void happens() throws Exception;
    }

    /**
     * Starts a call at a gate of its own, lets the other thing happen when it sends the command, and waits for the
     * call.
     */
    private static <T> T between(String command, Step<T> first, Meanwhile other) throws Exception {
        try (Relay relay = redis.relay()) {
            relay.hold(command);
            Mono<T> call = first.at(fleet.gate(relay.store()));
            CompletableFuture<@Nullable T> running = call.toFuture();
            relay.awaitHeld();
            other.happens();
            relay.release();
            return Objects.requireNonNull(running.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    /** The same, but the call breaks off: this command is the last that it sends. */
    private static <T> void breakOffAt(String command, Step<T> first, Meanwhile other) throws Exception {
        try (Relay relay = redis.relay()) {
            relay.hold(command);
            Disposable running = first.at(fleet.gate(relay.store())).subscribe();
            relay.awaitHeld();
            other.happens();
            running.dispose();
            relay.release();
            get(relay.store().run(RedisClusterAsyncCommands::ping));
        }
    }
}
