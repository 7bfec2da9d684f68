package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Terminals that call two gates at once take no more places than there are, and each takes only one. */
@OwnsItsGate
class AuthcodeQuotaTest {
    private static final int PLACES = 10;
    private static final int TERMINALS = 64;
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final TestGate ONE = TestGate.start(properties(REDIS.directory().toString()));
    private static final TestGate OTHER = TestGate.start(properties(REDIS.directory().toString()));

    /**
     * Both gates use the same file of secret keys. With the long timeout, they do not mistake a busy machine for an
     * outage of Redis.
     */
    private static String[] properties(String folder) {
        return REDIS.properties("postern.secret-keys.file=" + folder + "/secret-keys.json",
                "postern.store.command-timeout=10s", "postern.backend=" + BACKEND.address());
    }

    @AfterAll
    static void close() {
        ONE.close();
        OTHER.close();
        REDIS.close();
        BACKEND.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void admitsExactlyAsManyTerminalsAsItHasPlaces(long seed) throws Exception {
        TestApplication application = TestApplication.hardware(ONE);
        String code = application.newAuthcode(PLACES, Optional.empty());
        List<String> userIds = new ArrayList<>();
        for (int i = 0; i < TERMINALS; i++) {
            userIds.add("terminal" + i);
        }

        List<JsonNode> replies = authorize(application, code, userIds, seed);

        List<Integer> statuses = replies.stream().map(reply -> reply.required("status").intValue()).toList();
        assertThat(statuses).filteredOn(status -> status == 0).hasSize(PLACES);
        assertThat(statuses).filteredOn(status -> status == 121).hasSize(TERMINALS - PLACES);
        assertThat(application.used(code)).isEqualTo(PLACES);
        List<String> tokens = tokens(replies);
        assertThat(tokens).hasSize(PLACES).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    void givesARepeatingTerminalOnePlaceAndOneToken(long seed) throws Exception {
        TestApplication application = TestApplication.hardware(ONE);
        String code = application.newAuthcode(PLACES, Optional.empty());
        List<String> userIds = new ArrayList<>();
        for (int i = 0; i < TERMINALS; i++) {
            userIds.add("terminal" + i % 4);
        }

        List<JsonNode> replies = authorize(application, code, userIds, seed);

        assertThat(tokens(replies)).as("of calls that were let in").hasSize(TERMINALS);
        assertThat(new HashSet<>(tokens(replies))).as("different tokens").hasSize(4);
        assertThat(application.used(code)).isEqualTo(4);
        for (String token : new HashSet<>(tokens(replies))) {
            assertThat(List.of("terminal0", "terminal1", "terminal2", "terminal3").stream()
                    .filter(id -> OTHER.call(token, "GET", "/devices/" + id).status() == 200)).hasSize(1);
        }
    }

    /** All at once, each at one gate or the other. */
    private static List<JsonNode> authorize(TestApplication application, String code, List<String> userIds, long seed)
            throws Exception {
        Random random = new Random(seed);
        Collections.shuffle(userIds, random);
        List<Callable<Reply>> calls = new ArrayList<>();
        for (String userId : userIds) {
            int port = (random.nextBoolean() ? ONE : OTHER).port();
            calls.add(() -> RawHttp.call(port, "GET", "/httpapi/authorize.do?appkey=" + application.key() + "&userid="
                    + userId + "&authcode=" + code, ""));
        }
        return AtOnce.run(calls).stream().map(Reply::json).toList();
    }

    private static List<String> tokens(List<JsonNode> replies) {
        return replies.stream().filter(reply -> reply.required("status").intValue() == 0)
                .map(reply -> reply.required("data").required("accessToken").stringValue()).toList();
    }
}
