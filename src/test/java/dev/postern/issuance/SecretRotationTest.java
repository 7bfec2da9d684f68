package dev.postern.issuance;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.credential.RuleJson;
import dev.postern.store.TestRedis;
import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Rotations that meet other changes: every secret that was handed out works, and nothing is left over. */
@OwnsItsGate
class SecretRotationTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private static Path folder;
    private static Tenancy tenancy;

    @BeforeAll
    static void start() {
        tenancy = new Tenancy(folder);
    }

    @AfterAll
    static void stop() {
        tenancy.close();
    }

    @BeforeEach
    void startOver() {
        tenancy.startOver(ACME);
    }

    private static StaticTokens.Issued make() {
        return get(tenancy.gate().staticTokens().create(ACME, "one", Optional.empty(), RuleJson.everything(),
                Limits.NONE));
    }

    private static Mono<StaticTokens.Issued> rotation(String id) {
        return tenancy.gate().staticTokens().rotate(ACME, id, HOUR);
    }

    /** Empty if it was refused. */
    private static Optional<StaticTokens.Issued> rotate(String id) {
        return TestRedis.find(rotation(id).onErrorResume(ChangeRefusedException.class, _ -> Mono.empty())
                .onErrorResume(ConcurrentChangeException.class, _ -> Mono.empty()));
    }

    private static List<String> records() {
        return tenancy.redis().run(commands -> commands.keys("postern:credential:*"));
    }

    @RepeatedTest(5)
    void ofManyRotationsAtATimeOneIsMade() throws Exception {
        StaticTokens.Issued first = make();
        List<Callable<Optional<StaticTokens.Issued>>> rotations = Collections.nCopies(6,
                () -> rotate(first.listed().id()));

        List<StaticTokens.Issued> made = AtOnce.run(rotations).stream().flatMap(Optional::stream).toList();

        assertThat(made).hasSizeLessThanOrEqualTo(1);
        assertThat(tenancy.gate().works(first.text())).isTrue();
        made.forEach(issued -> assertThat(tenancy.gate().works(issued.text())).isTrue());
        assertThat(records()).as("master key, token, and the new secret").hasSize(2 + made.size());
    }

    @RepeatedTest(5)
    void aRotationThatMeetsADeletionLeavesNothing() throws Exception {
        StaticTokens.Issued first = make();
        List<Callable<Boolean>> both = List.of(() -> rotate(first.listed().id()).isPresent(),
                () -> TestRedis.find(tenancy.gate().staticTokens().delete(ACME, first.listed().id())).isPresent());

        AtOnce.run(both);

        assertThat(TestRedis.find(tenancy.gate().staticTokens().require(ACME, first.listed().id())
                .onErrorResume(ChangeRefusedException.class, _ -> Mono.empty()))).isEmpty();
        assertThat(records()).as("master key").hasSize(1);
    }

    /** The announced secret permits nothing, and the next rotation removes it. */
    @Test
    void anInterruptedRotationChangesNothing() throws Exception {
        StaticTokens.Issued first = make();
        tenancy.between("\"kind\":\"secret\"", gate -> gate.staticTokens().rotate(ACME, first.listed().id(), HOUR)
                .onErrorResume(ConcurrentChangeException.class, _ -> Mono.empty()), () -> {
                    assertThat(tenancy.gate().works(first.text())).isTrue();
                    assertThat(rotate(first.listed().id())).as("another rotation goes first").isPresent();
                });

        assertThat(tenancy.gate().works(first.text())).isTrue();
        assertThat(records()).as("master key, token, and the new secret").hasSize(3);
    }

    @Test
    void anAliasOfAnotherAccountPermitsNothing() {
        StaticTokens.Issued first = make();
        StaticTokens.Issued fresh = rotate(first.listed().id()).orElseThrow();
        String alias = tenancy.redis().run(commands -> commands.keys("postern:credential:*")).stream()
                .filter(key -> tenancy.redis().run(commands -> commands.get(key)).contains("\"kind\":\"secret\""))
                .findFirst().orElseThrow();
        String record = tenancy.redis().run(commands -> commands.get(alias));
        assertThat(tenancy.gate().works(fresh.text())).isTrue();

        tenancy.redis().run(commands -> commands.set(alias, record.replace("acme", "other")));
        assertThat(tenancy.gate(tenancy.redis().store()).works(fresh.text())).isFalse();
    }
}
