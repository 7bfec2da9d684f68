package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.AccountLists;
import dev.postern.account.CallRevision;
import dev.postern.account.DeviceGroups;
import dev.postern.account.Page;
import dev.postern.search.NameIndexes;
import dev.postern.search.NameSearch;
import dev.postern.store.RedisStore;
import io.lettuce.core.KeyValue;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Lists the devices of an account: first those with a seat, in the order in which they got it, then those without a
 * seat, then the shared ones.
 */
public final class DeviceList {
    private static final int AT_ONCE = 500;
    /** Higher than any possible seat number. */
    private static final double LAST_SEAT = 1e17;

    private final RedisStore redis;
    private final DeviceGroups groups;
    private final AccountLists lists;
    private final DeviceNames titles;

    public DeviceList(RedisStore redis, DeviceGroups groups, AccountLists lists) {
        this.redis = redis;
        this.groups = groups;
        this.lists = lists;
        this.titles = new DeviceNames(redis);
    }

    /**
     * Selects the devices that match all of these conditions.
     *
     * @param title   a search term for the titles, which puts the best match first
     * @param project the project of the device
     * @param user    the user of the device
     * @param seat    whether the device has a seat
     * @param direct  true for devices that the account owns, false for those shared with it
     */
    public record Filter(Optional<String> title, Optional<String> project, Optional<String> user,
            Optional<Boolean> seat, Optional<Boolean> direct) {
        private boolean wantsShared() {
            return !direct.orElse(false) && !seat.orElse(false) && project.isEmpty() && user.isEmpty();
        }

        private boolean wantsDirect() {
            return direct.orElse(true);
        }

        private boolean hasGroup() {
            return project.isPresent() || user.isPresent();
        }

        private boolean takes(NameIndexes.Candidate device) {
            return device.order() == DeviceNames.DIRECT ? wantsDirect() : wantsShared();
        }

        private boolean takes(Device.Direct device) {
            return (project.isEmpty() || project.equals(device.project()))
                    && (user.isEmpty() || user.equals(device.user()))
                    && (seat.isEmpty() || seat.get() == device.seated());
        }
    }

    /** Finds a device that the account owns or that is shared with it; empty if there is none. */
    public Mono<Device> find(AccountId account, DeviceId id) {
        return direct(account, List.of(id)).flatMap(found -> Mono.<Device>justOrEmpty(found.stream().findFirst()))
                .switchIfEmpty(redis.run(commands -> commands.hget(LicenseKeys.received(account), id.value()))
                        .map(record -> DeviceDetails.shared(account, id, record)))
                .flatMap(device -> CallRevision.note(DeviceDetails.revision(device)).thenReturn(device));
    }

    /**
     * The titles of those devices that the account owns or that are shared with it. Devices without a title are left
     * out.
     */
    public Mono<Map<DeviceId, String>> titles(AccountId account, Collection<DeviceId> devices) {
        return Flux.fromIterable(devices).buffer(AT_ONCE).concatMap(batch -> {
            String[] names = batch.stream().map(DeviceId::value).toArray(String[]::new);
            return redis.run(commands -> commands.hmget(LicenseKeys.received(account), names))
                    .zipWith(redis.run(commands -> commands.hmget(LicenseKeys.details(account), names)))
                    .flatMapIterable(both -> titled(account, both.getT1(), both.getT2()));
        }).filter(device -> !device.title().isEmpty()).collectMap(Device::id, Device::title);
    }

    private static List<Device> titled(AccountId account, List<KeyValue<String, String>> shared,
            List<KeyValue<String, String>> direct) {
        List<Device> devices = new ArrayList<>();
        shared.stream().filter(KeyValue::hasValue).forEach(record -> devices
                .add(DeviceDetails.shared(account, new DeviceId(record.getKey()), record.getValue())));
        direct.stream().filter(KeyValue::hasValue).forEach(record -> devices
                .add(DeviceDetails.direct(account, new DeviceId(record.getKey()), record.getValue(), false)));
        return devices;
    }

    public Mono<Page<Device>> list(AccountId account, Filter filter, Page.Request page) {
        if (filter.hasGroup()) {
            return ofGroup(account, filter).map(page::of);
        }
        if (filter.title().isPresent()) {
            return byTitle(account, filter, page);
        }
        Mono<List<Device.Shared>> shared = filter.wantsShared() ? shared(account) : Mono.just(List.of());
        return shared.flatMap(others -> count(account, filter).flatMap(own -> {
            long first = Math.min(page.first(), own);
            long last = Math.min(page.last() + 1, own);
            return range(account, filter, first, last - first).map(found -> {
                List<Device> items = new ArrayList<>(found);
                for (long i = Math.max(page.first(), own); i <= page.last() && i - own < others.size(); i++) {
                    items.add(others.get((int) (i - own)));
                }
                return new Page<>(own + others.size(), items);
            });
        }));
    }

    private Mono<Long> count(AccountId account, Filter filter) {
        if (!filter.wantsDirect()) {
            return Mono.just(0L);
        }
        String key = LicenseKeys.devices(account);
        return filter.seat().isEmpty()
                ? redis.run(commands -> commands.zcard(key))
                : redis.run(commands -> commands.zcount(key, seats(filter.seat().get())));
    }

    /** The score range of the devices with a seat, or of those without one. */
    private static Range<Double> seats(boolean seated) {
        // Lettuce would treat an infinite boundary as no boundary.
        return seated
                ? Range.create(0d, LAST_SEAT)
                : Range.from(Range.Boundary.excluding(LAST_SEAT), Range.Boundary.unbounded());
    }

    private Mono<List<Device.Direct>> range(AccountId account, Filter filter, long first, long count) {
        if (count <= 0) {
            return Mono.just(List.of());
        }
        String key = LicenseKeys.devices(account);
        Mono<List<String>> ids = filter.seat().isEmpty()
                ? redis.run(commands -> commands.zrange(key, first, first + count - 1))
                : redis.run(commands -> commands.zrangebyscore(key, seats(filter.seat().get()),
                        Limit.create(first, count)));
        return ids.flatMap(found -> direct(account, found.stream().map(DeviceId::new).toList()));
    }

    /** Those of the devices that the account owns, in the same order. */
    Mono<List<Device.Direct>> direct(AccountId account, List<DeviceId> ids) {
        if (ids.isEmpty()) {
            return Mono.just(List.of());
        }
        String[] names = ids.stream().map(DeviceId::value).toArray(String[]::new);
        return redis.run(commands -> commands.hmget(LicenseKeys.details(account), names))
                .zipWith(redis.run(commands -> commands.zmscore(LicenseKeys.devices(account), names)),
                        (records, seats) -> {
                            List<Device.Direct> found = new ArrayList<>();
                            for (int i = 0; i < ids.size(); i++) {
                                KeyValue<String, String> record = records.get(i);
                                Double seat = seats.get(i);
                                if (record.hasValue() && seat != null) {
                                    found.add(DeviceDetails.direct(account, ids.get(i), record.getValue(),
                                            !seat.isInfinite()));
                                }
                            }
                            return found;
                        });
    }

    private Mono<List<Device.Shared>> shared(AccountId account) {
        String key = LicenseKeys.received(account);
        // HSCAN may return a device twice.
        return redis.run(commands -> commands.hscan(key, ScanArgs.Builder.limit(AT_ONCE)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(AT_ONCE))))
                .concatMapIterable(cursor -> List.copyOf(cursor.getMap().entrySet()))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                .map(all -> all.entrySet().stream()
                        .map(entry -> DeviceDetails.shared(account, new DeviceId(entry.getKey()), entry.getValue()))
                        .sorted(Comparator.comparing(device -> device.id().value())).toList());
    }

    private Mono<Page<Device>> byTitle(AccountId account, Filter filter, Page.Request page) {
        if (filter.seat().isEmpty()) {
            return lists.search(account, titles, new NameIndexes.Search(filter.title(), filter::takes, page.first(),
                    page.perPage()), ids -> load(account, ids), device -> device.id().value());
        }
        // The names in memory do not know about seats, so these are read for all devices that were found.
        return lists.find(account, titles, new NameIndexes.Search(filter.title(), filter::takes, 0, Integer.MAX_VALUE))
                .flatMapMany(found -> titles.bySeat(account, found.ids(), filter.seat().get())).collectList()
                .map(page::of)
                .flatMap(wanted -> lists.read(account, titles,
                        new NameIndexes.Result(Math.toIntExact(wanted.totalCount()), wanted.items()),
                        ids -> load(account, ids), device -> device.id().value()));
    }

    /** Those of the devices that the account owns or that are shared with it. */
    private Flux<Device> load(AccountId account, List<String> ids) {
        if (ids.isEmpty()) {
            return Flux.empty();
        }
        String[] fields = ids.toArray(String[]::new);
        return direct(account, ids.stream().map(DeviceId::new).toList()).<Device>flatMapIterable(own -> own)
                .concatWith(redis.run(commands -> commands.hmget(LicenseKeys.received(account), fields))
                        .flatMapIterable(records -> records.stream().filter(KeyValue::hasValue)
                                .map(record -> DeviceDetails.shared(account, new DeviceId(record.getKey()),
                                        record.getValue()))
                                .toList()));
    }

    private Mono<List<Device>> ofGroup(AccountId account, Filter filter) {
        if (!filter.wantsDirect()) {
            return Mono.just(List.of());
        }
        DeviceGroup group = filter.project().map(id -> new DeviceGroup(DeviceGroup.Kind.PROJECT, id))
                .orElseGet(() -> new DeviceGroup(DeviceGroup.Kind.USER, filter.user().orElseThrow()));
        return groups.require(account, group).flatMap(details -> details(account,
                Flux.fromStream(details.devices().stream().map(DeviceId::value).sorted()))).map(found -> {
                    List<Device> all = List.copyOf(found.stream().filter(filter::takes).toList());
                    return filter.title().isEmpty() ? all : NameSearch.find(all, Device::title, filter.title().get());
                });
    }

    private Mono<List<Device.Direct>> details(AccountId account, Flux<String> ids) {
        return ids.buffer(AT_ONCE)
                .concatMap(batch -> direct(account, batch.stream().map(DeviceId::new).toList()))
                .collect(ArrayList::new, List::addAll);
    }
}
