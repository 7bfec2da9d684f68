package dev.postern.store;

import static org.awaitility.Awaitility.await;

import dev.postern.support.Cable;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A primary with one replica, and three sentinels that watch over them. */
public final class TestSentinel implements AutoCloseable {
    /** Far beyond what a failover takes. */
    public static final Duration LIMIT = Duration.ofSeconds(90);

    private static final String NAME = "postern";
    private static final RedisClient CLIENT = RedisClient.create();

    private final List<RedisProcess> servers = new ArrayList<>();
    private final List<RedisProcess> sentinels = new ArrayList<>();
    private final Cable replicaLink;
    private final Duration lag;

    public TestSentinel() {
        this(Duration.ZERO);
    }

    /** @param lag by how much the replica is behind, at least */
    public TestSentinel(Duration lag) {
        this.lag = lag;
        replicaLink = new Cable(lag);
        int[] ports = RedisProcess.freePorts(5);
        replicaLink.leadTo(ports[0]);
        try {
            servers.add(RedisProcess.server(ports[0]));
            servers.add(RedisProcess.server(ports[1],
                    "replicaof 127.0.0.1 " + (lag.isZero() ? ports[0] : replicaLink.port())));
            for (int i = 2; i < ports.length; i++) {
                sentinels.add(RedisProcess.sentinel(ports[i],
                        "sentinel monitor " + NAME + " 127.0.0.1 " + ports[0] + " 2",
                        "sentinel down-after-milliseconds " + NAME + " 2000",
                        // A sentinel that has seen a replica follow another port for this long corrects that.
                        "sentinel failover-timeout " + NAME + (lag.isZero() ? " 5000" : " 120000")));
            }
            awaitReady();
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    /** A failover needs sentinels that know each other and the replica, and a replica that has the data. */
    private void awaitReady() {
        await().atMost(LIMIT).ignoreExceptions().until(() -> sentinels.stream().allMatch(sentinel -> {
            Map<String, String> primary = onSentinel(sentinel, connection -> connection.sync().master(NAME));
            return "2".equals(primary.get("num-other-sentinels")) && "1".equals(primary.get("num-slaves"));
        }));
        awaitReplicated();
    }

    /** Drops what is on its way to a replica that is behind, as when the primary's machine is lost. */
    public void cutReplicaOff() {
        replicaLink.cut();
    }

    /**
     * Waits until the replica has all that the primary has now. What the replica does not have is lost with the
     * primary.
     */
    public void awaitReplicated() {
        primary().awaitReplicated();
    }

    private static <T> T onSentinel(RedisProcess sentinel,
            Function<StatefulRedisSentinelConnection<String, String>, T> question) {
        RedisURI uri = RedisURI.create("127.0.0.1", sentinel.port());
        uri.setTimeout(TestRedis.LIMIT);
        try (StatefulRedisSentinelConnection<String, String> connection = CLIENT.connectSentinel(uri)) {
            return question.apply(connection);
        }
    }

    /** The server that the last of the sentinels takes for the primary. */
    public RedisProcess primary() {
        int port = onSentinel(sentinels.getLast(),
                connection -> ((InetSocketAddress) connection.sync().getMasterAddrByName(NAME)).getPort());
        return servers.stream().filter(server -> server.port() == port).findFirst().orElseThrow();
    }

    /** Makes the sentinels promote another server, although the primary is alive. */
    public void failOver() {
        await().atMost(LIMIT).ignoreExceptions().until(() -> "OK".equals(
                onSentinel(sentinels.getLast(), connection -> connection.sync().failover(NAME))));
    }

    /** Waits until another server than this one is the primary. */
    public void awaitFailover(RedisProcess from) {
        if (!lag.isZero()) {
            // From now on, the sentinels need not leave the replica alone, and must soon try again if a failover fails.
            sentinels.forEach(sentinel -> onSentinel(sentinel,
                    connection -> connection.sync().set(NAME, "failover-timeout", "5000")));
        }
        await().atMost(LIMIT).ignoreExceptions().until(() -> primary() != from);
    }

    public List<RedisProcess> servers() {
        return servers;
    }

    public List<RedisProcess> sentinels() {
        return sentinels;
    }

    /** The properties that send a gate here. */
    public String[] properties() {
        return new String[]{"spring.data.redis.sentinel.master=" + NAME,
                "spring.data.redis.sentinel.nodes="
                        + sentinels.stream().map(RedisProcess::address).collect(Collectors.joining(",")),
                "postern.secret-keys.create=true"};
    }

    /** Where a client of Lettuce finds it. */
    RedisURI uri() {
        RedisURI.Builder uri = RedisURI.builder().withSentinelMasterId(NAME).withTimeout(TestRedis.LIMIT);
        sentinels.forEach(sentinel -> uri.withSentinel("127.0.0.1", sentinel.port()));
        return uri.build();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisProcess::close);
        servers.forEach(RedisProcess::close);
        replicaLink.close();
    }
}
