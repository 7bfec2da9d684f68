package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.search.NameIndexes;
import dev.postern.search.NameJournal;
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

/** Stores the projects and users of an account, each with its devices. Each kind is one hash in the account's slot. */
public final class DeviceGroups implements AccountPart {
    /** The maximum number of projects in an account, and also of users. */
    public static final int MAX_GROUPS = 10_000;
    /** The maximum number of devices in a project or user. */
    public static final int MAX_DEVICES = 10_000;

    private static final int VERSION = 1;
    private static final int ATTEMPTS = 5;
    /** Returned by the script if the group is not as expected. */
    private static final long CHANGED = -6;
    private static final int LOOKUPS = 100;
    private static final int BATCH = 100;
    private static final int ID_BYTES = 9;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final StoredBytes stored;
    private final AccountLists lists;
    /** Not static: the class may be initialized on an event loop, where reading a file is forbidden. */
    private final Script put = Script.read(Scripts.CHUNKS, Scripts.RECORDS, StoredBytes.LIBRARY, NameJournal.LIBRARY,
            "/dev/postern/account/put-group.lua");

    public DeviceGroups(RedisStore redis, AccountLists lists) {
        this.redis = redis;
        this.stored = lists.stored();
        this.lists = lists;
    }

    /**
     * A project or user.
     *
     * @param name    its display name
     * @param devices its devices
     */
    public record Details(DeviceGroup group, String name, Set<DeviceId> devices) {
        public Details {
            devices = Set.copyOf(devices);
        }
    }

    @Override
    public List<String> keys(AccountId account) {
        String projects = key(account, DeviceGroup.Kind.PROJECT);
        String users = key(account, DeviceGroup.Kind.USER);
        return List.of(projects, users, NameJournal.key(projects), NameJournal.key(users));
    }

    /** The key of the hash with an account's projects, or its users: records by ID. */
    public static String key(AccountId account, DeviceGroup.Kind kind) {
        return "postern:{" + account + "}:" + kind.word() + "s";
    }

    /** The location of a group's record. */
    public static RecordRef ref(AccountId account, DeviceGroup group) {
        return RecordRef.field(key(account, group.kind()), group.id());
    }

    /**
     * Creates a group. Fails with {@link ChangeRefusedException} if the ID is taken, the limit is reached, or the
     * account does not exist.
     */
    public Mono<Void> create(AccountId account, Details details) {
        return put(account, details, "create");
    }

    /** Replaces a group. Fails with {@link ChangeRefusedException} if it does not exist. */
    public Mono<Void> replace(AccountId account, Details details) {
        return put(account, details, "replace");
    }

    private Mono<Void> put(AccountId account, Details details, String how) {
        DeviceGroup group = details.group();
        return change(account, group, how, encode(details)).flatMap(
                outcome -> switch (outcome
                        .intValue()) {
                    case 1 -> CallRevision.note(revision(details));
                    case 0 -> Mono.error(ChangeRefusedException.noAccount());
                    case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account can have at most " + MAX_GROUPS + " " + group.kind().word() + "s."));
                    case -4 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TAKEN,
                            "The " + group + " already exists."));
                    default -> Mono.error(notFound(group));
                });
    }

    private static ChangeRefusedException notFound(DeviceGroup group) {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND, "The " + group + " does not exist.");
    }

    /** Reads a group. Fails with {@link ChangeRefusedException} if it does not exist. */
    public Mono<Details> require(AccountId account, DeviceGroup group) {
        String key = key(account, group.kind());
        return redis.run(commands -> commands.hget(key, group.id())).map(text -> decode(key, group, text))
                .switchIfEmpty(Mono.error(() -> notFound(group)))
                .flatMap(details -> CallRevision.note(revision(details)).thenReturn(details));
    }

    private static Revision revision(Details details) {
        return Revision.of(details.group().toString(), encode(details));
    }

    /** A new group with a random ID. */
    public static Mono<DeviceGroup> newGroup(DeviceGroup.Kind kind) {
        return Mono.fromSupplier(() -> new DeviceGroup(kind, KeyGenerator.urlSafe(ID_BYTES)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    /**
     * Lists the groups of one kind.
     *
     * @param name a search term for their names, which puts the best match first; empty to list all of them, ordered by
     *             ID
     */
    public Mono<Page<Details>> list(AccountId account, DeviceGroup.Kind kind, Optional<String> name,
            Page.Request page) {
        if (name.isPresent()) {
            return lists.search(account, new GroupNames(this, kind), new NameIndexes.Search(name, _ -> true,
                    page.first(), page.perPage()), ids -> load(account, kind, ids), details -> details.group().id());
        }
        String key = key(account, kind);
        return redis.run(commands -> commands.hkeys(key)).map(ids -> page.of(ids.stream().sorted().toList()))
                .flatMap(ids -> load(account, kind, ids.items()).collectList()
                        .map(found -> new Page<>(ids.totalCount(), found)));
    }

    public Mono<Long> count(AccountId account, DeviceGroup.Kind kind) {
        return redis.run(commands -> commands.hlen(key(account, kind)));
    }

    /** All groups of one kind, ordered by ID. */
    public Flux<Details> all(AccountId account, DeviceGroup.Kind kind) {
        return redis.run(commands -> commands.hkeys(key(account, kind)))
                .flatMapMany(ids -> load(account, kind, ids.stream().sorted().toList()));
    }

    /**
     * Those of the groups that exist, in the given order. A group's record holds all of its devices and can be large.
     * So groups are read in chunks, with only a few in memory at a time.
     */
    public Flux<Details> load(AccountId account, DeviceGroup.Kind kind, List<String> ids) {
        String key = key(account, kind);
        return Flux.fromIterable(ids).buffer(BATCH).concatMap(batch -> stored
                .noted(account, batch.stream().map(id -> kind.word() + ":" + id).toList())
                .flatMapIterable(sizes -> ReadChunk.of(batch, sizes))
                .concatMap(chunk -> redis.run(commands -> commands.hmget(key, chunk.entries().toArray(String[]::new))),
                        1)
                .concatMapIterable(records -> records.stream().filter(KeyValue::hasValue)
                        .map(record -> decode(key, new DeviceGroup(kind, record.getKey()), record.getValue()))
                        .toList()),
                1);
    }

    /** Returns false if the group did not exist. */
    public Mono<Boolean> delete(AccountId account, DeviceGroup group) {
        return change(account, group, "delete", "").map(outcome -> outcome == 1);
    }

    /** Changes a group if it is as the caller expects ({@link CallRevision}). */
    private Mono<Long> change(AccountId account, DeviceGroup group, String how, String record) {
        return CallRevision.isExpected().flatMap(expected -> expected
                ? changeExpected(account, group, how, record, ATTEMPTS)
                : change(account, group, how, record, ""));
    }

    private Mono<Long> changeExpected(AccountId account, DeviceGroup group, String how, String record, int attempts) {
        String key = key(account, group.kind());
        return redis.run(commands -> commands.hget(key, group.id())).switchIfEmpty(Mono.error(() -> notFound(group)))
                .flatMap(present -> CallRevision.require(revision(decode(key, group, present)))
                        .then(change(account, group, how, record, present)))
                .flatMap(outcome -> {
                    if (outcome != CHANGED) {
                        return Mono.just(outcome);
                    }
                    return attempts > 1
                            ? changeExpected(account, group, how, record, attempts - 1)
                            : Mono.error(new ConcurrentChangeException());
                });
    }

    /** @param expected the record that must be there; empty for any */
    private Mono<Long> change(AccountId account, DeviceGroup group, String how, String record, String expected) {
        String key = key(account, group.kind());
        return stored.checked(account, redis.changes().changing(put.number(redis,
                new String[]{AccountRecord.key(account), key, deviceDetails(account), StoredBytes.key(account),
                        NameJournal.key(key)},
                how,
                group.id(), record, Integer.toString(MAX_GROUPS), group.kind().word(), stored.max(), expected), key));
    }

    /** The key of the details of an account's devices, which include the project and user of each device. */
    public static String deviceDetails(AccountId account) {
        return "postern:{" + account + "}:device-details";
    }

    /** Returns the groups that do not exist in the account. */
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
                throw new IllegalArgumentException("unknown version");
            }
            return new Details(group, json.string("name"),
                    json.strings("devices").stream().map(DeviceId::new).collect(Collectors.toSet()));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("The record of " + group + " in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
