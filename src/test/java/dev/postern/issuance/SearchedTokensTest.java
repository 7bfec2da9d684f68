package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.AccountLists;
import dev.postern.account.Page;
import dev.postern.search.NameSearch;
import dev.postern.store.RedisStore;
import dev.postern.support.AmpleStorage;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Thoroughness;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** A search finds the tokens as the changes at all gates have left them. */
@OwnsItsGate
class SearchedTokensTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final List<String> ROOMS = List.of("kitchen", "Kitchen lamp", "garage", "hall", "cellar", "厨房");
    private static final int MOST = 20;
    private static final Instant SOON = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    private static Path folder;
    private static Credentials credentials;

    @BeforeAll
    static void start() {
        credentials = new Credentials(folder);
    }

    @AfterAll
    static void stop() {
        credentials.close();
    }

    @BeforeEach
    void open() {
        credentials.redis().clear();
        credentials.open(ACME);
    }

    private static StaticTokens gate() {
        RedisStore store = credentials.redis().store();
        AccountLists lists = AmpleStorage.lists(store);
        return new StaticTokens(store, lists, credentials.redis().secretKeys(), Clock.systemUTC(),
                Credentials.SETTINGS);
    }

    private static List<String> found(StaticTokens gate, CredentialFilter filter) {
        Page<StaticTokens.Listed> page = get(gate.list(ACME, filter, new Page.Request(1, 100)));
        assertThat(page.totalCount()).isEqualTo(page.items().size());
        return page.items().stream().map(StaticTokens.Listed::id).toList();
    }

    private static CredentialFilter named(String term) {
        return new CredentialFilter(Optional.of(term), Optional.empty());
    }

    private static StaticTokens.Listed create(StaticTokens gate, String name) {
        return get(gate.create(ACME, name, Optional.empty(), List.of(), Limits.NONE)).listed();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsWhatTheChangesLeft(long seed) {
        Random random = new Random(seed);
        List<StaticTokens> gates = List.of(gate(), gate());
        Map<String, String> model = new LinkedHashMap<>();
        for (int step = 0; step < Thoroughness.pick(60, 400); step++) {
            StaticTokens gate = gates.get(random.nextInt(2));
            String name = ROOMS.get(random.nextInt(ROOMS.size())) + " " + seed + "-" + step;
            List<String> ids = new ArrayList<>(model.keySet());
            if (ids.isEmpty() || (ids.size() < MOST && random.nextInt(3) == 0)) {
                model.put(create(gate, name).id(), name);
            } else {
                String id = ids.get(random.nextInt(ids.size()));
                if (random.nextInt(3) == 0) {
                    find(gate.delete(ACME, id));
                    model.remove(id);
                } else {
                    get(gate.replace(ACME, id, name, true, List.of(), UnaryOperator.identity()));
                    model.put(id, name);
                }
            }
            String term = ROOMS.get(random.nextInt(ROOMS.size()));
            List<String> expected = NameSearch.find(List.copyOf(model.entrySet()), Map.Entry::getValue, term).stream()
                    .map(Map.Entry::getKey).toList();
            assertThat(found(gates.get(random.nextInt(2)), named(term))).as("seed %d, step %d", seed, step)
                    .isEqualTo(expected);
        }
    }

    @Test
    void findsByExpiryInTheOrderOfCreation() {
        StaticTokens gate = gate();
        String first = create(gate, "one").id();
        String second = create(gate, "two").id();
        String third = create(gate, "three").id();
        CredentialFilter expiring = new CredentialFilter(Optional.empty(), Optional.of(
                token -> token.expires().isPresent()));
        assertThat(found(gate, expiring)).isEmpty();
        for (String id : List.of(third, first)) {
            get(gate.replace(ACME, id, "any " + id, true, List.of(),
                    limits -> new Limits(Optional.of(SOON), limits.networks())));
        }
        assertThat(found(gate, expiring)).containsExactly(first, third).doesNotContain(second);
    }

    /** Each change takes several steps in two slots, and searches run between them. */
    @Test
    void findsAllTokensAfterManyChangesAtOnce() {
        StaticTokens gate = gate();
        StaticTokens searched = gate();
        Flux.merge(Flux.range(0, MOST).flatMap(number -> gate.create(ACME, "lamp " + number, Optional.empty(),
                List.of(), Limits.NONE).flatMap(
                        made -> gate.replace(ACME, made.listed().id(), "door " + number, true,
                                List.of(), UnaryOperator.identity())),
                MOST),
                Flux.range(0, MOST).concatMap(_ -> searched.list(ACME, named("lamp"), new Page.Request(1, 100))))
                .blockLast();
        assertThat(found(searched, named("door"))).hasSize(MOST);
        assertThat(found(searched, named("lamp"))).isEmpty();
    }

    @Test
    void forgetsTheNamesOfADeletedAccount() {
        StaticTokens gate = gate();
        create(gate, "lamp");
        assertThat(found(gate, named("lamp"))).hasSize(1);
        get(credentials.accounts().delete(ACME));
        assertThat(credentials.redis().<List<String>>run(commands -> commands.keys("*{acme}*"))).isEmpty();
        credentials.open(ACME);
        assertThat(found(gate, named("lamp"))).isEmpty();
    }
}
