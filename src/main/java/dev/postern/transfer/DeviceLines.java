package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.license.AddDeviceOutcome;
import dev.postern.license.Device;
import dev.postern.license.Devices;
import dev.postern.license.LicenseManagement;
import dev.postern.license.NewDevice;
import dev.postern.license.RestoredDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The devices that an account owns, with their seats: first those with a seat, in the order in which they got it. */
final class DeviceLines implements TransferPart<WantedDevice> {
    private static final String ID = "id";
    private static final String TITLE = "title";
    private static final String PROJECT = "project";
    private static final String USER = "user";
    private static final String SEATED = "seated";

    private final RestoredDevices restored;
    private final Devices devices;
    private final LicenseManagement licenses;

    DeviceLines(RestoredDevices restored, Devices devices, LicenseManagement licenses) {
        this.restored = restored;
        this.devices = devices;
        this.licenses = licenses;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.DEVICE;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return restored.all(account).map(device -> write(account, device));
    }

    @Override
    public WantedDevice read(AccountId account, Members line) {
        line.only(ID, TITLE, PROJECT, USER, SEATED);
        return new WantedDevice(new NewDevice(new DeviceId(line.id(ID)), line.has(TITLE) ? line.text(TITLE) : "",
                line.optionalId(PROJECT), line.optionalId(USER)), line.flag(SEATED));
    }

    @Override
    public Resource write(AccountId account, WantedDevice wanted) {
        NewDevice device = wanted.device();
        return write(account, new Device.Direct(device.id(), device.title(), device.project(), device.user(),
                wanted.seated()));
    }

    private Resource write(AccountId account, Device.Direct device) {
        ObjectNode members = JsonMapper.shared().createObjectNode().put(ID, device.id().value());
        if (!device.title().isEmpty()) {
            members.put(TITLE, device.title());
        }
        device.project().ifPresent(project -> members.put(PROJECT, project));
        device.user().ifPresent(user -> members.put(USER, user));
        return new Resource(kind(), account, device.id().value(), members.put(SEATED, device.seated()));
    }

    @Override
    public Mono<Map<String, Resource>> find(AccountId account, List<WantedDevice> wanted) {
        return restored.find(account, wanted.stream().map(one -> one.device().id()).toList())
                .flatMapIterable(found -> found).map(device -> write(account, device)).collectMap(Resource::id);
    }

    /**
     * Adds devices in their order, so that they get their seats in this order. Successive devices with a seat are added
     * together, and so are successive devices without one.
     */
    @Override
    public Flux<Optional<RuntimeException>> create(AccountId account, List<WantedDevice> wanted) {
        List<List<WantedDevice>> runs = new ArrayList<>();
        for (WantedDevice device : wanted) {
            if (runs.isEmpty() || runs.getLast().getFirst().seated() != device.seated()) {
                runs.add(new ArrayList<>());
            }
            runs.getLast().add(device);
        }
        return Flux.fromIterable(runs).concatMap(run -> restored
                .add(account, run.stream().map(WantedDevice::device).toList(), run.getFirst().seated())
                .flatMapIterable(outcomes -> {
                    List<Optional<RuntimeException>> refusals = new ArrayList<>();
                    for (int i = 0; i < run.size(); i++) {
                        refusals.add(refusal(outcomes.get(i), run.get(i).device()));
                    }
                    return refusals;
                }));
    }

    private static Optional<RuntimeException> refusal(AddDeviceOutcome outcome, NewDevice device) {
        LineFault.Reason reason = switch (outcome) {
            case ADDED -> null;
            case ALREADY_THERE, BUSY -> LineFault.Reason.CONCURRENT_CHANGE;
            case HELD_BY_ANOTHER -> LineFault.Reason.HELD_BY_ANOTHER;
            case TOO_MANY, PROJECT_FULL, USER_FULL -> LineFault.Reason.LIMIT_REACHED;
            case PROJECT_UNKNOWN, USER_UNKNOWN, ACCOUNT_GONE -> LineFault.Reason.NOT_FOUND;
            case NO_SEAT -> LineFault.Reason.NO_SEAT;
        };
        return reason == null ? Optional.empty() : Optional.of(LineFault.of(reason, outcome.text(device)));
    }

    @Override
    public Mono<Void> change(AccountId account, WantedDevice wanted, List<String> differences) {
        return restored.change(account, wanted.device(), wanted.seated())
                .switchIfEmpty(Mono.error(ConcurrentChangeException::new))
                .flatMap(outcome -> refusal(outcome, wanted.device()).<Mono<Void>>map(Mono::error)
                        .orElseGet(Mono::empty));
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, WantedDevice wanted, Forecast forecast) {
        return forecast.requireRoom(kind(), account, restored.count(account), restored.max())
                .then(restored.owner(wanted.device().id()).filter(owner -> !owner.equals(account))
                        .flatMap(_ -> Mono.<Void>error(fault(AddDeviceOutcome.HELD_BY_ANOTHER, wanted))))
                .then(requireGroups(account, wanted, forecast)).then(seat(account, wanted, forecast));
    }

    @Override
    public Mono<Void> checkChange(AccountId account, WantedDevice wanted, List<String> differences,
            Forecast forecast) {
        return requireGroups(account, wanted, forecast).then(Mono.defer(() -> {
            if (!differences.contains(SEATED)) {
                return Mono.empty();
            }
            if (!wanted.seated()) {
                forecast.leaveSeat(account);
            }
            return seat(account, wanted, forecast);
        }));
    }

    private Mono<Void> seat(AccountId account, WantedDevice wanted, Forecast forecast) {
        return Mono.defer(() -> wanted.seated()
                ? forecast.takeSeat(account, licenses.freeSeats(account).defaultIfEmpty((long) licenses.freeSeats()))
                : Mono.empty());
    }

    private Mono<Void> requireGroups(AccountId account, WantedDevice wanted, Forecast forecast) {
        NewDevice device = wanted.device();
        return Flux.fromIterable(device.groups())
                .filter(group -> !forecast.hasCreated(switch (group.kind()) {
                    case PROJECT -> ResourceKind.PROJECT;
                    case USER -> ResourceKind.USER;
                }, account, group.id()))
                .concatMap(group -> restored.has(account, group).flatMap(there -> there
                        ? Mono.<Void>empty()
                        : Mono.error(fault(switch (group.kind()) {
                            case PROJECT -> AddDeviceOutcome.PROJECT_UNKNOWN;
                            case USER -> AddDeviceOutcome.USER_UNKNOWN;
                        }, wanted))))
                .then();
    }

    private static RuntimeException fault(AddDeviceOutcome outcome, WantedDevice wanted) {
        return refusal(outcome, wanted.device()).orElseThrow();
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return devices.delete(account, new DeviceId(present.id())).then();
    }
}
