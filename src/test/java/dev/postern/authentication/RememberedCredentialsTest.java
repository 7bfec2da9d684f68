package dev.postern.authentication;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.access.StreamSet;
import dev.postern.account.DeviceGroups;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.Applications;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.RsaTokens;
import dev.postern.issuance.StaticTokens;
import dev.postern.issuance.Terminals;
import dev.postern.support.ClientTokens;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A verified credential is remembered, and is refused at the very next use after anything changes that it depends on.
 */
@OwnsItsGate
class RememberedCredentialsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final DeviceGroup HOUSE = new DeviceGroup(DeviceGroup.Kind.PROJECT, "house");
    private static final DeviceGroup ANN = new DeviceGroup(DeviceGroup.Kind.USER, "ann");
    private static final Set<ApiId> DEVICES = Set.of(new ApiId("devices"));
    private static final Set<ApiId> OTHERS = Set.of(new ApiId("others"));
    private static final List<Rule> LAMP = rules(new DeviceSet.Only(Set.of(new DeviceId("lamp"))));
    private static final List<Rule> FAN = rules(new DeviceSet.Only(Set.of(new DeviceId("fan"))));
    private static final List<Rule> OF_HOUSE = rules(new DeviceSet.Of(Set.of(HOUSE)));
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private static Path folder;
    @AutoClose
    private static Tenancy tenancy;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    /** A credential with which the lamp may be read. */
    record Made(PresentedCredential secret, String id) {}

    interface Making {
        Made make();
    }

    interface Change {
        Mono<?> of(Tenancy.Gate gate, String id);
    }

    /** A kind, with the changes after which it is refused. */
    private record Kind(String name, Making making) {
        Arguments refused(String change, DenyReason reason, Change how) {
            return Arguments.of(name, change, making, how, reason);
        }
    }

    static Stream<Arguments> changes() {
        Kind master = new Kind("master key", () -> new Made(master(), ""));
        Kind apiKey = new Kind("API key", RememberedCredentialsTest::apiKey);
        Kind staticToken = new Kind("static token", () -> staticToken(LAMP));
        Kind ofHouse = new Kind("static token of a project", () -> staticToken(OF_HOUSE));
        Kind accessToken = new Kind("access token", () -> accessToken(LAMP));
        Kind ofApplication = new Kind("access token of a project", () -> accessToken(OF_HOUSE));
        Kind terminal = new Kind("terminal", RememberedCredentialsTest::terminal);
        Kind rsaToken = new Kind("RSA token", () -> rsaToken(""));
        Kind jwtToken = new Kind("JWT token", RememberedCredentialsTest::jwtToken);
        Change accountGone = (gate, _) -> gate.accounts().delete(ACME);
        Change accountAnew = (gate, _) -> gate.accounts().delete(ACME).then(gate.accounts().create(ACME, "name"));
        Change houseGone = (gate, _) -> gate.groups().delete(ACME, HOUSE);
        Change houseChanged = (gate, _) -> gate.groups().replace(ACME, group(HOUSE, "fan")).thenReturn(true);
        Change applicationGone = (gate, id) -> gate.applications().delete(ACME, id).thenReturn(true);
        Change applicationOff = (gate, id) -> gate.applications().replace(ACME, id, "n", false, LAMP, limits -> limits);
        Change applicationLess = (gate, id) -> gate.applications().replace(ACME, id, "n", true, FAN, limits -> limits);
        Change threeHours = (_, _) -> passing(Duration.ofHours(3));
        return Stream.of(
                master.refused("replaced", DenyReason.CREDENTIAL_UNKNOWN,
                        (gate, _) -> gate.accounts().replaceMasterKey(ACME)),
                master.refused("account deleted", DenyReason.CREDENTIAL_UNKNOWN, accountGone),
                master.refused("account made anew", DenyReason.CREDENTIAL_UNKNOWN, accountAnew),
                apiKey.refused("deleted", DenyReason.CREDENTIAL_UNKNOWN,
                        (gate, id) -> gate.apiKeys().delete(ACME, new PresentedCredential(id))),
                apiKey.refused("limited", DenyReason.DEVICE_NOT_PERMITTED,
                        (gate, id) -> gate.apiKeys().overwrite(ACME, new PresentedCredential(id), "t", List.of())),
                apiKey.refused("account made anew", DenyReason.CREDENTIAL_UNKNOWN, accountAnew),
                staticToken.refused("deleted", DenyReason.CREDENTIAL_UNKNOWN,
                        (gate, id) -> gate.staticTokens().delete(ACME, id).thenReturn(true)),
                staticToken.refused("switched off", DenyReason.CREDENTIAL_DISABLED,
                        (gate, id) -> gate.staticTokens().replace(ACME, id, "n", false, LAMP, limits -> limits)),
                staticToken.refused("limited", DenyReason.DEVICE_NOT_PERMITTED,
                        (gate, id) -> gate.staticTokens().replace(ACME, id, "n", true, FAN, limits -> limits)),
                staticToken.refused("account deleted", DenyReason.CREDENTIAL_UNKNOWN, accountGone),
                staticToken.refused("account made anew", DenyReason.CREDENTIAL_UNKNOWN, accountAnew),
                ofHouse.refused("project deleted", DenyReason.DEVICE_NOT_PERMITTED, houseGone),
                ofHouse.refused("project changed", DenyReason.DEVICE_NOT_PERMITTED, houseChanged),
                accessToken.refused("application deleted", DenyReason.CREDENTIAL_REVOKED, applicationGone),
                accessToken.refused("application switched off", DenyReason.CREDENTIAL_DISABLED, applicationOff),
                accessToken.refused("application limited", DenyReason.DEVICE_NOT_PERMITTED, applicationLess),
                accessToken.refused("expired", DenyReason.TOKEN_EXPIRED, threeHours),
                accessToken.refused("account made anew", DenyReason.CREDENTIAL_REVOKED, accountAnew),
                ofApplication.refused("project changed", DenyReason.DEVICE_NOT_PERMITTED, houseChanged),
                terminal.refused("application deleted", DenyReason.CREDENTIAL_REVOKED, applicationGone),
                terminal.refused("application switched off", DenyReason.CREDENTIAL_DISABLED, applicationOff),
                terminal.refused("application limited", DenyReason.DEVICE_NOT_PERMITTED, applicationLess),
                terminal.refused("authcode deleted", DenyReason.CREDENTIAL_UNKNOWN,
                        (gate, id) -> gate.terminals().authcodes(ACME, id, new Page.Request(1, 1))
                                .flatMap(codes -> gate.terminals().deleteAuthcode(ACME, id,
                                        codes.items().getFirst().code()))),
                terminal.refused("expired", DenyReason.TOKEN_EXPIRED, (_, _) -> passing(Duration.ofDays(90))),
                rsaToken.refused("deleted", DenyReason.CREDENTIAL_REVOKED,
                        (gate, id) -> gate.rsaTokens().delete(ACME, id).thenReturn(true)),
                rsaToken.refused("switched off", DenyReason.CREDENTIAL_DISABLED,
                        (gate, id) -> gate.rsaTokens().replace(ACME, id, "n", false, DEVICES, Set.of("house"),
                                limits -> limits)),
                rsaToken.refused("API taken away", DenyReason.API_NOT_PERMITTED,
                        (gate, id) -> gate.rsaTokens().replace(ACME, id, "n", true, OTHERS, Set.of("house"),
                                limits -> limits)),
                rsaToken.refused("project taken away", DenyReason.DEVICE_NOT_PERMITTED,
                        (gate, id) -> gate.rsaTokens().replace(ACME, id, "n", true, DEVICES, Set.of(),
                                limits -> limits)),
                rsaToken.refused("project deleted", DenyReason.DEVICE_NOT_PERMITTED, houseGone),
                rsaToken.refused("project changed", DenyReason.DEVICE_NOT_PERMITTED, houseChanged),
                rsaToken.refused("account made anew", DenyReason.CREDENTIAL_REVOKED, accountAnew),
                rsaToken.refused("expired", DenyReason.TOKEN_EXPIRED, threeHours),
                jwtToken.refused("deleted", DenyReason.CREDENTIAL_REVOKED,
                        (gate, id) -> gate.jwtTokens().delete(ACME, id).thenReturn(true)),
                jwtToken.refused("switched off", DenyReason.CREDENTIAL_DISABLED,
                        (gate, id) -> gate.jwtTokens().replace(ACME, id, "n", false, DEVICES, Set.of("ann"),
                                limits -> limits)),
                jwtToken.refused("user taken away", DenyReason.USER_NOT_PERMITTED,
                        (gate, id) -> gate.jwtTokens().replace(ACME, id, "n", true, DEVICES, Set.of("bob"),
                                limits -> limits)),
                jwtToken.refused("API taken away", DenyReason.API_NOT_PERMITTED,
                        (gate, id) -> gate.jwtTokens().replace(ACME, id, "n", true, OTHERS, Set.of("ann"),
                                limits -> limits)),
                jwtToken.refused("user deleted", DenyReason.DEVICE_NOT_PERMITTED,
                        (gate, _) -> gate.groups().delete(ACME, ANN)),
                jwtToken.refused("account made anew", DenyReason.CREDENTIAL_REVOKED, accountAnew),
                jwtToken.refused("expired", DenyReason.TOKEN_EXPIRED, threeHours));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("changes")
    void isRefusedAfterAChange(String kind, String change, Making making, Change how, DenyReason reason) {
        tenancy.startOver();
        Made made = making.make();
        Tenancy.Gate gate = tenancy.gate();
        assertThat(gate.refusal(made.secret(), "lamp")).isEmpty();
        long hits = gate.authenticator().rememberedHits();
        assertThat(gate.refusal(made.secret(), "lamp")).isEmpty();
        assertThat(gate.authenticator().rememberedHits()).as("%s is remembered", kind).isEqualTo(hits + 1);

        // The change is made at another gate, which cannot reach into the memory of this one.
        find(how.of(tenancy.gate(tenancy.redis().store()), made.id()));

        assertThat(gate.refusal(made.secret(), "lamp")).as(change).contains(reason);
        assertThat(gate.refusal(made.secret(), "lamp")).as("%s, again", change).contains(reason);
    }

    @Test
    void aTokenForOneUseIsNotRemembered() {
        tenancy.startOver();
        PresentedCredential token = rsaToken(",\"jti\":\"once\"").secret();
        Tenancy.Gate gate = tenancy.gate();

        assertThat(gate.refusal(token, "lamp")).isEmpty();
        assertThat(gate.authenticator().remembered()).isZero();
        assertThat(gate.refusal(token, "lamp")).contains(DenyReason.TOKEN_REPLAYED);
        assertThat(tenancy.gate(tenancy.redis().store()).refusal(token, "lamp")).as("at another gate")
                .contains(DenyReason.TOKEN_REPLAYED);
    }

    @Test
    void aTokenForOneUseIsRememberedForAsLongAsAnyGateAcceptsIt() {
        tenancy.startOver();
        PresentedCredential token = rsaToken(",\"jti\":\"once\"").secret();

        long asked = System.nanoTime();
        assertThat(tenancy.ahead(Credentials.SETTINGS.clockSkew()).refusal(token, "lamp")).isEmpty();

        String used = tenancy.everything().stream().filter(key -> key.startsWith("postern:used:")).findFirst()
                .orElseThrow();
        // The token expires in five minutes. A gate whose clock is behind accepts it for a minute more, and the skew on
        // top.
        long left = tenancy.redis().run(commands -> commands.pttl(used));
        long passed = Duration.ofNanos(System.nanoTime() - asked).toMillis();
        assertThat(left + passed)
                .isGreaterThan(Duration.ofMinutes(6).plus(Credentials.SETTINGS.clockSkew()).toMillis());
    }

    @Test
    void aCredentialIsNotMistakenForASimilarOne() {
        tenancy.startOver(ACME);
        String text = "abcdefghijklmn?op";
        get(tenancy.gate().staticTokens().create(ACME, "n", Optional.of(text), LAMP, Limits.NONE));

        assertThat(tenancy.gate().refusal(new PresentedCredential(text), "lamp")).isEmpty();
        assertThat(tenancy.gate().refusal(new PresentedCredential(text.replace('?', '\u4e00')), "lamp"))
                .contains(DenyReason.CREDENTIAL_UNKNOWN);
    }

    private static Mono<Boolean> passing(Duration time) {
        return Mono.fromSupplier(() -> {
            tenancy.pass(time);
            return true;
        });
    }

    private static PresentedCredential master() {
        PresentedCredential key = tenancy.open(ACME);
        find(tenancy.gate().groups().create(ACME, group(HOUSE, "lamp")));
        find(tenancy.gate().groups().create(ACME, group(ANN, "lamp")));
        return key;
    }

    private static Made apiKey() {
        master();
        PresentedCredential key = Credentials.created(get(tenancy.gate().apiKeys().create(ACME, "t",
                List.of(new Permission(EnumSet.allOf(Action.class),
                        List.of(new Permission.Resource(new DeviceId("lamp"), Optional.empty())))))))
                .orElseThrow().secret();
        return new Made(key, key.secret());
    }

    private static Made staticToken(List<Rule> rules) {
        master();
        StaticTokens.Issued issued = get(
                tenancy.gate().staticTokens().create(ACME, "n", Optional.empty(), rules, Limits.NONE));
        return new Made(issued.text(), issued.listed().id());
    }

    private static Made accessToken(List<Rule> rules) {
        master();
        Applications.Issued made = get(tenancy.gate().applications().create(ACME, "n",
                Application.Platform.SOFTWARE, rules, Limits.NONE));
        Applications.Client client = get(tenancy.gate().applications()
                .authenticate(made.listed().key().secret(), made.secret(), null));
        return new Made(get(tenancy.gate().accessTokens().issue(client, Optional.of("devices:get"))).text(),
                made.listed().id());
    }

    private static Made terminal() {
        master();
        Applications.Listed made = get(tenancy.gate().applications().create(ACME, "n",
                Application.Platform.HARDWARE, LAMP, Limits.NONE)).listed();
        PresentedCredential code = get(tenancy.gate().terminals().addAuthcodes(ACME, made.id(), 1, 1,
                Optional.empty())).getFirst().code();
        Terminals.Authorization authorization = get(tenancy.gate().terminals().authorize(made.key().secret(),
                new DeviceId("lamp"), Optional.of(code), null));
        return new Made(((Terminals.Authorization.Authorized) authorization).token(), made.id());
    }

    private static Made rsaToken(String claims) {
        master();
        String id = get(tenancy.gate().rsaTokens().create(ACME, "n", DEVICES, Set.of("house"), Limits.NONE)).id();
        RsaTokens.TokenFile file = get(tenancy.gate().rsaTokens().file(ACME, id));
        ObjectNode json = JSON.createObjectNode().put("key_id", file.token().keyId());
        json.set("jwk", JSON.readTree(file.publicJwk()));
        return new Made(new PresentedCredential(ClientTokens.encryptedAs(json,
                claims("\"key\":\"" + file.key().secret() + "\"" + claims))), id);
    }

    private static Made jwtToken() {
        master();
        JwtTokens.Shown shown = get(
                tenancy.gate().jwtTokens().create(ACME, "n", DEVICES, Set.of("ann"), Optional.empty(), Limits.NONE));
        ObjectNode json = JSON.createObjectNode().put("secret_id", shown.listed().token().secretId()).put("secret",
                shown.secret().orElseThrow().secret());
        return new Made(new PresentedCredential(ClientTokens.signed(json, claims("\"sub\":\"ann\""))),
                shown.listed().id());
    }

    private static String claims(String more) {
        long now = tenancy.now().getEpochSecond();
        return "{\"iat\":" + now + ",\"exp\":" + (now + 300) + "," + more + "}";
    }

    private static DeviceGroups.Details group(DeviceGroup group, String device) {
        return new DeviceGroups.Details(group, "name", Set.of(new DeviceId(device)));
    }

    private static List<Rule> rules(DeviceSet devices) {
        return List.of(new Rule(new ApiSet.Every(), EnumSet.allOf(Action.class), devices, new StreamSet.WholeDevice()));
    }
}
