package dev.postern.issuance;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Terminals.Authorization;
import dev.postern.issuance.Terminals.Authorization.Authorized;
import dev.postern.support.AtOnce;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OwnsItsGate
class TerminalsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final DeviceId LAMP = new DeviceId("lamp");

    @TempDir
    private static Path folder;
    @AutoClose
    private static Tenancy tenancy;

    private Applications.Listed application;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    @BeforeEach
    void anApplication() {
        tenancy.startOver(ACME);
        application = get(tenancy.gate().applications().create(ACME, "a", Application.Platform.HARDWARE,
                RuleJson.everything(), Limits.NONE)).listed();
    }

    @Test
    void aTerminalLosesItsTokenIfItsAuthcodeIsDeletedWhileItChangesIt() throws Exception {
        PresentedCredential first = authcode(1);
        PresentedCredential second = authcode(1);
        PresentedCredential token = token(authorize(LAMP, first));

        Optional<Boolean> deleted = tenancy.between("HSCAN",
                gate -> gate.terminals().deleteAuthcode(ACME, application.id(), first),
                () -> assertThat(token(authorize(LAMP, second))).isNotEqualTo(token));

        assertThat(deleted).contains(true);
        assertThat(tenancy.gate().works(token)).isFalse();
        assertThat(tenancy.gate().works(token(authorize(LAMP, second)))).isTrue();
    }

    /**
     * Another terminal has taken the place that this terminal left, so this terminal cannot go back there to get its
     * token again.
     */
    @Test
    void aTerminalKeepsItsTokenIfItChangesItsAuthcodeMeanwhile() throws Exception {
        PresentedCredential first = authcode(1);
        PresentedCredential second = authcode(1);
        List<PresentedCredential> moved = new ArrayList<>();

        Optional<Authorization> given = tenancy.between("\r\nHGET\r\n",
                gate -> gate.terminals().authorize(application.key().secret(), LAMP, Optional.of(first), null), () -> {
                    moved.add(token(authorize(LAMP, second)));
                    token(authorize(new DeviceId("other"), first));
                });

        assertThat(tenancy.gate().works(moved.getFirst())).isTrue();
        assertThat(token(given.orElseThrow())).isEqualTo(moved.getFirst());
    }

    @Test
    void aTerminalKeepsItsTokenUntilItExpires() {
        PresentedCredential code = authcode(1);
        Authorized first = (Authorized) authorize(LAMP, code);

        tenancy.pass(Duration.ofDays(89));
        assertThat(authorize(LAMP, code)).isEqualTo(first);
        tenancy.pass(Duration.ofDays(1));
        assertThat(tenancy.gate().works(first.token())).isFalse();
        assertThat(token(authorize(LAMP, code))).isNotEqualTo(first.token());
        assertThat(get(tenancy.gate().terminals().authcodes(ACME, application.id(), new Page.Request(1, 10))).items())
                .singleElement().extracting(Terminals.Authcode::used).isEqualTo(1L);
    }

    @Test
    void aTerminalGetsANewTokenForARevokedOne() {
        PresentedCredential code = authcode(1);
        PresentedCredential first = token(authorize(LAMP, code));
        Applications.Client client = get(tenancy.gate().applications().find(application.key().secret()));

        assertThat(find(tenancy.gate().accessTokens().revoke(client, first).thenReturn(true))).contains(true);

        PresentedCredential second = token(authorize(LAMP, code));
        assertThat(tenancy.gate().works(first)).isFalse();
        assertThat(tenancy.gate().works(second)).isTrue();
    }

    /**
     * Deletions, and calls for tokens at two gates, in a random order: places are counted exactly, and no token
     * outlives its authcode.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void placesAreCountedExactlyUnderConcurrency(long seed) throws Exception {
        Random random = new Random(seed);
        List<PresentedCredential> codes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            codes.add(authcode(1 + random.nextInt(3)));
        }
        Set<PresentedCredential> deleted = new HashSet<>();
        Map<PresentedCredential, PresentedCredential> tokens = new HashMap<>();
        Tenancy.Gate other = tenancy.gate(tenancy.redis().store());
        for (int round = 0; round < 12; round++) {
            List<Callable<Optional<Authorized>>> tasks = new ArrayList<>();
            List<PresentedCredential> used = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                PresentedCredential code = codes.get(random.nextInt(codes.size()));
                DeviceId device = new DeviceId("device-" + random.nextInt(8));
                Tenancy.Gate gate = random.nextBoolean() ? tenancy.gate() : other;
                used.add(code);
                tasks.add(() -> get(gate.terminals().authorize(application.key().secret(), device,
                        Optional.of(code), null)) instanceof Authorized authorized
                                ? Optional.of(authorized)
                                : Optional.empty());
            }
            if (round % 4 == 3) {
                PresentedCredential code = codes.get(random.nextInt(codes.size()));
                deleted.add(code);
                tasks.add(() -> {
                    get(other.terminals().deleteAuthcode(ACME, application.id(), code));
                    return Optional.empty();
                });
            }
            List<Optional<Authorized>> outcomes = AtOnce.run(tasks);
            for (int i = 0; i < used.size(); i++) {
                PresentedCredential code = used.get(i);
                outcomes.get(i).ifPresent(authorized -> tokens.put(authorized.token(), code));
            }
            assertExact(deleted);
        }
        // Every token that works belongs to a terminal that has a place, and to an authcode that exists.
        long alive = tokens.keySet().stream().filter(token -> tenancy.gate().works(token)).count();
        assertThat(alive).isEqualTo(terminals().size());
        assertThat(terminals()).doesNotContainAnyElementsOf(deleted.stream().map(this::index).toList());
    }

    /** @param deleted authcodes that let nobody in any more */
    private void assertExact(Set<PresentedCredential> deleted) {
        List<String> authcodes = terminals();
        List<Terminals.Authcode> present = get(
                tenancy.gate().terminals().authcodes(ACME, application.id(), new Page.Request(1, 100))).items();
        assertThat(present).noneMatch(code -> deleted.contains(code.code()));
        for (Terminals.Authcode code : present) {
            long in = authcodes.stream().filter(index(code.code())::equals).count();
            assertThat(code.used()).as("places that are taken").isEqualTo(in);
            assertThat(in).isLessThanOrEqualTo(code.terminals());
        }
        assertThat(authcodes).hasSize((int) present.stream().mapToLong(Terminals.Authcode::used).sum());
    }

    /** The authcode of each terminal. */
    private List<String> terminals() {
        String key = ApplicationKeys.terminals(ACME, applicationIndex());
        return tenancy.redis().run(commands -> commands.hvals(key)).stream()
                .map(text -> text.replaceFirst(".*\"authcode\":\"([^\"]*)\".*", "$1")).toList();
    }

    private String index(PresentedCredential code) {
        return tenancy.redis().secretKeys().index("authcode", applicationIndex() + " " + code.secret());
    }

    private String applicationIndex() {
        return tenancy.redis().secretKeys().index("app-key", application.key().secret());
    }

    private PresentedCredential authcode(int terminals) {
        return get(tenancy.gate().terminals().addAuthcodes(ACME, application.id(), 1, terminals, Optional.empty()))
                .getFirst().code();
    }

    private Authorization authorize(DeviceId device, PresentedCredential code) {
        return get(tenancy.gate().terminals().authorize(application.key().secret(), device, Optional.of(code), null));
    }

    private static PresentedCredential token(Authorization authorization) {
        assertThat(authorization).isInstanceOf(Authorized.class);
        return ((Authorized) authorization).token();
    }
}
