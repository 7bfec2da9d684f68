package dev.postern.issuance;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.store.TestRedis;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.ScoredValue;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class ListedIndexesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final String KEY = ListKind.API_KEYS.key(ACME);

    @TempDir
    private static Path folder;
    private static TestRedis redis;

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void clear() {
        redis.clear();
    }

    @SuppressWarnings("unchecked") // an array of entries
    private static List<String> list(int count, int ofOneTime) {
        List<ScoredValue<String>> entries = IntStream.range(0, count)
                .mapToObj(
                        i -> ScoredValue.just((double) (1_500_000_000_000L + i / ofOneTime), String.format("%06d", i)))
                .toList();
        for (int from = 0; from < count; from += 500) {
            ScoredValue<String>[] some = entries.subList(from, Math.min(from + 500, count))
                    .toArray(ScoredValue[]::new);
            redis.run(commands -> commands.zadd(KEY, some));
        }
        return entries.stream().map(ScoredValue::getValue).toList();
    }

    private static ListedIndexes indexes() {
        return new ListedIndexes(redis.store(), ListKind.API_KEYS);
    }

    private static List<String> all() {
        return get(indexes().of(ACME).map(ScoredValue::getValue).collectList());
    }

    @Test
    void areCompleteAndInOrder() {
        assertThat(all()).isEmpty();
        assertThat(list(2500, 1)).isEqualTo(all());
    }

    @Test
    void areCompleteIfManyHaveTheSameTime() {
        assertThat(list(4200, 1700)).isEqualTo(all());
    }

    @Test
    void areCompleteWhileOthersAreRemoved() {
        List<String> listed = list(2500, 1);

        List<String> read = get(indexes().of(ACME).map(ScoredValue::getValue)
                .doOnNext(index -> {
                    if (index.equals("000000")) {
                        var _ = redis.store().run(commands -> commands.zremrangebyrank(KEY, 0, 499)).subscribe();
                    }
                }).collectList());

        assertThat(read).containsAll(listed.subList(1000, 2500));
    }
}
