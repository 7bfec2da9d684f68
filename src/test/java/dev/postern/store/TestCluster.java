package dev.postern.store;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.MigrateArgs;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A Cluster of three primaries, to which nodes can be added, and whose slots can be moved. */
public final class TestCluster implements AutoCloseable {
    /** Far beyond what a failover takes. */
    public static final Duration LIMIT = Duration.ofSeconds(90);

    private static final int PRIMARIES = 3;

    private final List<RedisProcess> nodes = new ArrayList<>();
    private final String user;

    /** @param user the ACL line of the user that a gate is to be */
    public TestCluster(String user) {
        this.user = user;
        try {
            for (int i = 0; i < PRIMARIES; i++) {
                RedisProcess node = startNode();
                int first = SlotHash.SLOT_COUNT * i / PRIMARIES;
                int last = SlotHash.SLOT_COUNT * (i + 1) / PRIMARIES - 1;
                cluster(node, new CommandArgs<>(StringCodec.UTF8).add("ADDSLOTSRANGE").add(first).add(last));
            }
            awaitAgreement();
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    private RedisProcess startNode() {
        int[] ports = RedisProcess.freePorts(2);
        RedisProcess node = RedisProcess.server(ports[0], "cluster-enabled yes", "cluster-port " + ports[1],
                "cluster-node-timeout 2000", "cluster-replica-validity-factor 0", user);
        nodes.add(node);
        node.<String>ask(commands -> commands.clusterSetConfigEpoch(nodes.size()));
        if (nodes.size() > 1) {
            cluster(nodes.getFirst(), new CommandArgs<>(StringCodec.UTF8).add("MEET").add("127.0.0.1").add(ports[0])
                    .add(ports[1]));
        }
        return node;
    }

    /** Sends a command of {@code CLUSTER} for which Lettuce has no method that fits. */
    private static void cluster(RedisProcess node, CommandArgs<String, String> arguments) {
        node.<String>ask(commands -> commands.dispatch(CommandType.CLUSTER, new StatusOutput<>(StringCodec.UTF8),
                arguments));
    }

    /** Adds a node that has no slots yet. */
    public RedisProcess add() {
        RedisProcess node = startNode();
        awaitAgreement();
        return node;
    }

    /** Adds a replica of a primary, and waits until it has its data. */
    public RedisProcess addReplica(RedisProcess primary) {
        RedisProcess node = add();
        node.<String>ask(commands -> commands.clusterReplicate(id(primary)));
        awaitReplicated(primary);
        return node;
    }

    /**
     * Waits until the replica has all that the primary has now. What the replica does not have is lost with the
     * primary.
     */
    public void awaitReplicated(RedisProcess primary) {
        primary.awaitReplicated();
    }

    /** Waits until every node knows all others, and considers all slots to be served. */
    private void awaitAgreement() {
        await().atMost(LIMIT).ignoreExceptions().until(() -> nodes.stream().allMatch(node -> {
            String info = node.ask(RedisCommands::clusterInfo);
            return info.contains("cluster_known_nodes:" + nodes.size() + "\r\n")
                    && (nodes.size() < PRIMARIES || info.contains("cluster_state:ok"));
        }));
    }

    /** Waits until a node that was a replica is a primary. */
    public void awaitPromoted(RedisProcess replica) {
        await().atMost(LIMIT).ignoreExceptions().until(() -> replica.<String>ask(RedisCommands::clusterNodes).lines()
                .anyMatch(line -> line.contains("myself,master")));
    }

    private static String id(RedisProcess node) {
        return node.ask(RedisCommands::clusterMyId);
    }

    /** The slots in which a node has keys. */
    public Set<Integer> filledSlots(RedisProcess node) {
        return node.<List<String>>ask(commands -> commands.keys("*")).stream().map(SlotHash::getSlot)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Moves slots with what is in them, key by key, as {@code redis-cli --cluster reshard} does. */
    public void move(Iterable<Integer> slots, RedisProcess from, RedisProcess to) {
        String source = id(from);
        String target = id(to);
        from.<Boolean>ask(sender -> to.ask(receiver -> {
            for (int slot : slots) {
                receiver.clusterSetSlotImporting(slot, source);
                sender.clusterSetSlotMigrating(slot, target);
                for (String key : sender.clusterGetKeysInSlot(slot, 10_000)) {
                    sender.migrate("127.0.0.1", to.port(), 0, 10_000, MigrateArgs.Builder.keys(key));
                }
                receiver.clusterSetSlotNode(slot, target);
                sender.clusterSetSlotNode(slot, target);
            }
            return true;
        }));
    }

    /** The node that serves a slot, as the first node knows it. */
    public RedisProcess nodeOf(int slot) {
        return nodes.stream().filter(node -> serves(node, slot)).findFirst().orElseThrow();
    }

    private static boolean serves(RedisProcess node, int slot) {
        return node.<String>ask(RedisCommands::clusterNodes).lines().filter(line -> line.contains("myself,master"))
                .flatMap(line -> List.of(line.split(" ", -1)).stream().skip(8))
                .filter(range -> range.matches("\\d+(-\\d+)?")).anyMatch(range -> {
                    String[] ends = range.split("-", -1);
                    return Integer.parseInt(ends[0]) <= slot && slot <= Integer.parseInt(ends[ends.length - 1]);
                });
    }

    public List<RedisProcess> nodes() {
        return List.copyOf(nodes);
    }

    /** Asks each node. */
    public <T> List<T> askAll(Function<RedisCommands<String, String>, T> question) {
        return nodes.stream().map(node -> node.ask(question)).toList();
    }

    /** The properties that send a gate here; the first node is enough, the others it finds itself. */
    public String[] properties() {
        return new String[]{"spring.data.redis.cluster.nodes=" + nodes.getFirst().address(),
                "spring.data.redis.username=postern", "spring.data.redis.password=password",
                "postern.secret-keys.create=true"};
    }

    /** Where a client of Lettuce finds it. */
    RedisURI uri() {
        RedisURI uri = RedisURI.create("127.0.0.1", nodes.getFirst().port());
        uri.setTimeout(TestRedis.LIMIT);
        return uri;
    }

    @Override
    public void close() {
        nodes.forEach(RedisProcess::close);
    }
}
