package dev.postern.outage;

import dev.postern.store.RedisProcess;
import dev.postern.store.TestSentinel;
import dev.postern.support.EveryScript;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RecordingBackend;
import dev.postern.support.SteadyLoad;
import dev.postern.support.SteadyLoad.Question;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A gate on a Redis that sentinels watch over: it follows the failover by itself, and meanwhile answers correctly or
 * with 503.
 */
@Timeout(300)
@OwnsItsGate
class RedisSentinelTest {
    private static final int SOME = 200;

    private final RecordingBackend backend = new RecordingBackend();
    private final TestSentinel redis = new TestSentinel();
    private final TestGate gate = TestGate.start(Stream.of(redis.properties(),
            EveryScript.properties(new TestIssuer()), new String[]{"postern.backend=" + backend.address()})
            .flatMap(Stream::of).toArray(String[]::new));
    private final Customer customer = gate.newCustomer();
    private final List<Question> questions = Question.of(customer);

    @AfterEach
    void close() {
        gate.close();
        redis.close();
        backend.close();
    }

    @Test
    void followsTheFailoverOfAKilledPrimary() {
        followsTheFailoverOf(RedisProcess::kill);
    }

    @Test
    void followsTheFailoverOfAHangingPrimary() {
        followsTheFailoverOf(RedisProcess::pause);
    }

    private void followsTheFailoverOf(Consumer<RedisProcess> end) {
        try (SteadyLoad load = new SteadyLoad(gate, questions)) {
            load.awaitRight(SOME);
            RedisProcess primary = redis.primary();
            redis.awaitReplicated();
            end.accept(primary);
            redis.awaitFailover(primary);
            load.awaitHealed();
            load.awaitRight(SOME);
            // A primary that hung takes itself for the primary at first.
            primary.resume();
            load.revokeOne(customer);
            load.awaitRight(SOME);

            load.assertNoneWrong();
        }
    }
}
