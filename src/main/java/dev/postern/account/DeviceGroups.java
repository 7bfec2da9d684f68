package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.Scripts;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.KeyValue;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The projects and users of an account, each with its devices. Each kind is one hash in the account's slot. */
public final class DeviceGroups implements AccountPart {
    /** Most projects of an account, and most users. */
    public static final int MAX_GROUPS = 10_000;
    /** Most devices of a project or user. */
    public static final int MAX_DEVICES = 10_000;

    private static final int VERSION = 1;
    private static final int LOOKUPS = 100;
    private static final int BATCH = 100;
    private static final int ID_BYTES = 9;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final StoredBytes stored;
    /** Of the object, not of the class: others use the class first on an event loop, where no file is to be read. */
    private final Script put = Script.read(Scripts.CHUNKS, StoredBytes.LIBRARY,
            "/dev/postern/account/put-group.lua");

    public DeviceGroups(RedisStore redis, StoredBytes stored) {
        this.redis = redis;
        this.stored = stored;
    }

    /**
     * A project or user.
     *
     * @param name    what people call it
     * @param devices its devices
     */
    public record Details(DeviceGroup group, String name, Set<DeviceId> devices) {
        public Details {
            devices = Set.copyOf(devices);
        }
    }

    @Override
    public List<String> keys(AccountId account) {
        return List.of(key(account, DeviceGroup.Kind.PROJECT), key(account, DeviceGroup.Kind.USER));
    }

    /** Where the projects of an account stand, or its users: records by id. */
    public static String key(AccountId account, DeviceGroup.Kind kind) {
        return "postern:{" + account + "}:" + kind.word() + "s";
    }

    /** Where the record of a group stands. */
    public static RecordRef ref(AccountId account, DeviceGroup group) {
        return RecordRef.field(key(account, group.kind()), group.id());
    }

    /** Makes a group; an error, {@link ChangeRefusedException}, when there is one of the id, too many, or no account. */
    public Mono<Void> create(AccountId account, Details details) {
        return put(account, details, "create");
    }

    /** Replaces a group; an error, {@link ChangeRefusedException}, when there is none. */
    public Mono<Void> replace(AccountId account, Details details) {
        return put(account, details, "replace");
    }

    private Mono<Void> put(AccountId account, Details details, String how) {
        DeviceGroup group = details.group();
        return change(account, group, how, encode(details)).flatMap(
                outcome -> switch (outcome
                        .intValue()) {
                    case 1 -> Mono.empty();
                    case 0 -> Mono.error(ChangeRefusedException.noAccount());
                    case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account may have " + MAX_GROUPS + " " + group.kind().word() + "s."));
                    case -4 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TAKEN,
                            "The " + group + " exists already."));
                    default -> Mono.error(notFound(group));
                });
    }

    private static ChangeRefusedException notFound(DeviceGroup group) {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND, "There is no " + group + ".");
    }

    /** An error, {@link ChangeRefusedException}, when there is none. */
    public Mono<Details> require(AccountId account, DeviceGroup group) {
        String key = key(account, group.kind());
        return redis.run(commands -> commands.hget(key, group.id())).map(text -> decode(key, group, text))
                .switchIfEmpty(Mono.error(() -> notFound(group)));
    }

    /** A group of an id that is not in use. */
    public static Mono<DeviceGroup> newGroup(DeviceGroup.Kind kind) {
        return Mono.fromSupplier(() -> new DeviceGroup(kind, KeyGenerator.urlSafe(ID_BYTES)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    /**
     * Groups of a kind.
     *
     * @param name what their names are to be like, the best match first; empty for all, in the order of their ids
     */
    public Mono<Page<Details>> list(AccountId account, DeviceGroup.Kind kind, Optional<String> name,
            Page.Request page) {
        String key = key(account, kind);
        return redis.run(commands -> commands.hkeys(key)).map(ids -> ids.stream().sorted().toList())
                .flatMap(ids -> name.isEmpty() ? Mono.just(ids) : search(account, kind, ids, name.get()))
                .map(page::of)
                .flatMap(ids -> load(account, kind, ids.items()).collectList()
                        .map(found -> new Page<>(ids.totalCount(), found)));
    }

    /** Of all groups only the names are kept: their devices may be more than fit into memory. */
    private Mono<List<String>> search(AccountId account, DeviceGroup.Kind kind, List<String> ids,
            String name) {
        record Named(String id, String name) {}
        return load(account, kind, ids).map(details -> new Named(details.group().id(), details.name())).collectList()
                .map(all -> NameSearch.find(all, Named::name, name).stream().map(Named::id).toList());
    }

    /** A group may have all its devices in its record: they are read in pieces, and only some are in memory at a time. */
    private Flux<Details> load(AccountId account, DeviceGroup.Kind kind, List<String> ids) {
        String key = key(account, kind);
        return Flux.fromIterable(ids).buffer(BATCH).concatMap(batch -> stored
                .noted(account, batch.stream().map(id -> kind.word() + ":" + id).toList())
                .flatMapIterable(sizes -> Piece.of(batch, sizes))
                .concatMap(piece -> redis.run(commands -> commands.hmget(key, piece.entries().toArray(String[]::new))),
                        1)
                .concatMapIterable(records -> records.stream().filter(KeyValue::hasValue)
                        .map(record -> decode(key, new DeviceGroup(kind, record.getKey()), record.getValue()))
                        .toList()),
                1);
    }

    /** False when there was none. */
    public Mono<Boolean> delete(AccountId account, DeviceGroup group) {
        return change(account, group, "delete", "").map(outcome -> outcome == 1);
    }

    private Mono<Long> change(AccountId account, DeviceGroup group, String how, String record) {
        String key = key(account, group.kind());
        return stored.checked(account, redis.changes().changing(put.number(redis,
                new String[]{AccountRecord.key(account), key, deviceDetails(account), StoredBytes.key(account)}, how,
                group.id(), record, Integer.toString(MAX_GROUPS), group.kind().word(), stored.max()), key));
    }

    /** Where the details of an account's devices stand, and in them the project and the user of each. */
    public static String deviceDetails(AccountId account) {
        return "postern:{" + account + "}:device-details";
    }

    /** Those of the groups that the account has not. */
    public Mono<List<DeviceGroup>> missing(AccountId account, Collection<DeviceGroup> groups) {
        return Flux.fromIterable(groups)
                .filterWhen(group -> redis.run(commands -> commands.hexists(key(account, group.kind()), group.id()))
                        .map(there -> !there), LOOKUPS)
                .collectList();
    }

    private static String encode(Details details) {
        ObjectNode json = JSON.createObjectNode().put("v", VERSION).put("name", details.name());
        new TreeSet<>(details.devices().stream().map(DeviceId::value).toList())
                .forEach(json.putArray("devices")::add);
        return JSON.writeValueAsString(json);
    }

    public static Details decode(String key, DeviceGroup group, String text) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(text)).requireOnly("v", "name", "devices");
            if (json.number("v") != VERSION) {
                throw new IllegalArgumentException("another version");
            }
            return new Details(group, json.string("name"),
                    json.strings("devices").stream().map(DeviceId::new).collect(Collectors.toSet()));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("The record of " + group + " in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
