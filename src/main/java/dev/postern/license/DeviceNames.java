package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.search.NameSource;
import dev.postern.store.RedisStore;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScanArgs;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The titles of the devices of an account: first those that it owns, then those that are shared with it. */
final class DeviceNames implements NameSource {
    /** The position of devices that the account owns. */
    static final long DIRECT = 0;
    /** The position of devices that are shared with it. */
    static final long SHARED = 1;

    private static final int AT_ONCE = 2000;

    private final RedisStore redis;

    DeviceNames(RedisStore redis) {
        this.redis = redis;
    }

    @Override
    public String list(AccountId account) {
        return LicenseKeys.devices(account);
    }

    @Override
    public Flux<Item> all(AccountId account) {
        return scan(LicenseKeys.received(account)).map(record -> shared(record.getKey(), record.getValue()))
                .concatWith(Flux.defer(() -> scan(LicenseKeys.details(account))
                        .map(record -> direct(record.getKey(), record.getValue()))));
    }

    private Flux<Map.Entry<String, String>> scan(String key) {
        ScanArgs some = ScanArgs.Builder.limit(AT_ONCE);
        return redis.run(commands -> commands.hscan(key, some))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, cursor, some)), 1)
                .concatMapIterable(cursor -> List.copyOf(cursor.getMap().entrySet()));
    }

    @Override
    public Flux<Item> read(AccountId account, List<String> ids) {
        String[] fields = ids.toArray(String[]::new);
        return redis.run(commands -> commands.hmget(LicenseKeys.received(account), fields))
                .flatMapMany(records -> Flux.fromStream(records.stream().filter(KeyValue::hasValue)
                        .map(record -> shared(record.getKey(), record.getValue()))))
                .concatWith(Flux.defer(() -> redis.run(commands -> commands.hmget(LicenseKeys.details(account), fields))
                        .flatMapMany(records -> Flux.fromStream(records.stream().filter(KeyValue::hasValue)
                                .map(record -> direct(record.getKey(), record.getValue()))))));
    }

    private static Item direct(String id, String record) {
        return new Item(id, DIRECT, 0, DeviceDetails.title(record));
    }

    private static Item shared(String id, String record) {
        return new Item(id, SHARED, 0, record.substring(record.indexOf('|') + 1));
    }
}
