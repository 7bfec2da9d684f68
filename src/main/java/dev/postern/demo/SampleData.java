package dev.postern.demo;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.account.Page;
import dev.postern.credential.Permission;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.license.Devices;
import dev.postern.license.NewDevice;
import dev.postern.store.DataDirectory;
import dev.postern.store.PrivateFiles;
import dev.postern.store.RedisStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The sample account and its keys. Created at the first start and reused later; the keys are in files that only their
 * owner can read.
 */
final class SampleData {
    private static final Logger LOG = LoggerFactory.getLogger(SampleData.class);
    private static final AccountId ACCOUNT = new AccountId("demo");
    private static final String KEY_TITLE = "Sample key";
    /**
     * Redis key that marks the account as the sample account, to distinguish it from an account of the same name that
     * somebody else created.
     */
    private static final String MARKER = "postern:demo";
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RedisStore redis;
    private final Accounts accounts;
    private final ApiKeys apiKeys;
    private final Devices devices;
    private final Path folder;

    SampleData(RedisStore redis, Accounts accounts, ApiKeys apiKeys, Devices devices, DataDirectory data) {
        this.redis = redis;
        this.accounts = accounts;
        this.apiKeys = apiKeys;
        this.devices = devices;
        this.folder = data.resolve("demo").toAbsolutePath().normalize();
    }

    Path apiKeyFile() {
        return folder.resolve("api-key");
    }

    Path masterKeyFile() {
        return folder.resolve("master-key");
    }

    /**
     * Creates what is missing; false when somebody else's account has the same name. Blocks, so call it only from the
     * starting thread. May be called again.
     */
    boolean ensure() throws IOException {
        if (accounts.find(ACCOUNT).blockOptional(LIMIT).isEmpty()) {
            // Set before the account is created, so that an account whose creation was interrupted is recognized later.
            redis.run(commands -> commands.set(MARKER, ACCOUNT.value())).block(LIMIT);
        }
        Optional<Accounts.AccountWithKey> made = accounts.create(ACCOUNT, "Sample account").blockOptional(LIMIT);
        if (made.isPresent()) {
            PrivateFiles.replace(masterKeyFile(), made.get().masterKey().secret());
        } else if (!isOurs()) {
            LOG.warn("The sample data was not created, because there already is an account {}", ACCOUNT);
            return false;
        } else if (!Files.exists(masterKeyFile())) {
            Accounts.AccountWithKey replaced = accounts.replaceMasterKey(ACCOUNT).blockOptional(LIMIT).orElseThrow();
            PrivateFiles.replace(masterKeyFile(), replaced.masterKey().secret());
        }
        addDevices();
        String key = existingKey().switchIfEmpty(Mono.defer(this::newKey)).blockOptional(LIMIT).orElseThrow();
        if (!Files.exists(apiKeyFile()) || !Files.readString(apiKeyFile()).equals(key)) {
            PrivateFiles.replace(apiKeyFile(), key);
        }
        return true;
    }

    /** Adds one device more than the free license covers, so that the last one gets no seat. */
    private void addDevices() {
        Map<String, String> titles = new LinkedHashMap<>();
        titles.put(SampleBackend.TRACKER, "tracker");
        titles.put(SampleBackend.WEATHER_STATION, "weather station");
        titles.put(SampleBackend.COLD_STORE, "cold store");
        titles.put(SampleBackend.GREENHOUSE, "greenhouse");
        titles.forEach((id, title) -> devices
                .add(ACCOUNT, new NewDevice(new DeviceId(id), title, Optional.empty(), Optional.empty()))
                .block(LIMIT));
    }

    private Mono<String> existingKey() {
        return apiKeys.list(ACCOUNT, new ApiKeys.Filter(Optional.empty(), Optional.empty(), Optional.of(KEY_TITLE)),
                new Page.Request(1, 1))
                .flatMap(page -> Mono.justOrEmpty(page.items().stream().findFirst()))
                .map(shown -> shown.secret().secret());
    }

    /** Creates a key that may read and write one stream of one device, and read all streams of two others. */
    private Mono<String> newKey() {
        List<Permission> permissions = List.of(
                new Permission(EnumSet.of(Action.GET, Action.POST),
                        List.of(new Permission.Resource(new DeviceId(SampleBackend.TRACKER),
                                Optional.of(new StreamId("gps"))))),
                new Permission(EnumSet.of(Action.GET), List.of(
                        new Permission.Resource(new DeviceId(SampleBackend.WEATHER_STATION), Optional.empty()),
                        new Permission.Resource(new DeviceId(SampleBackend.GREENHOUSE), Optional.empty()))));
        return apiKeys.create(ACCOUNT, KEY_TITLE, permissions).map(creation -> switch (creation) {
            case ApiKeys.Creation.Created(var shown) -> shown.secret().secret();
            case ApiKeys.Creation.NoAccount _,ApiKeys.Creation.TooMany _ -> throw new IllegalStateException(
                    "the sample account does not accept a key");
        });
    }

    /** Deletes the sample account that an earlier start with the demo created. */
    void remove() throws IOException {
        if (isOurs()) {
            accounts.delete(ACCOUNT).block(LIMIT);
            redis.run(commands -> commands.del(MARKER)).block(LIMIT);
            LOG.info("The sample account of an earlier start has been deleted");
        }
        Files.deleteIfExists(apiKeyFile());
        Files.deleteIfExists(masterKeyFile());
        Files.deleteIfExists(folder);
    }

    private boolean isOurs() {
        return redis.run(commands -> commands.get(MARKER)).blockOptional(LIMIT).isPresent();
    }
}
