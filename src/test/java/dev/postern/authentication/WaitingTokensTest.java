package dev.postern.authentication;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.account.DeviceGroups;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.RsaTokens;
import dev.postern.support.ClientTokens;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Tenancy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A change that is made while a token waits to be verified applies to that token. */
@OwnsItsGate
class WaitingTokensTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final Set<ApiId> DEVICES = Set.of(new ApiId("devices"));
    private static final DeviceGroup HOUSE = new DeviceGroup(DeviceGroup.Kind.PROJECT, "house");
    private static final DeviceGroup ANN = new DeviceGroup(DeviceGroup.Kind.USER, "ann");
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private static Path folder;
    @AutoClose
    private static Tenancy tenancy;

    @BeforeAll
    static void startRedis() {
        tenancy = new Tenancy(folder);
    }

    @BeforeEach
    void anAccount() {
        tenancy.startOver(ACME);
        find(tenancy.gate().groups().create(ACME, group(HOUSE, "lamp")));
        find(tenancy.gate().groups().create(ACME, group(ANN, "lamp")));
    }

    @Test
    void aDeletedRsaTokenIsRefused() throws Exception {
        RsaTokens.Listed made = rsaToken();

        assertThat(refusalAfter(encrypted(made, ""), gate -> gate.rsaTokens().delete(ACME, made.id())))
                .contains(DenyReason.CREDENTIAL_REVOKED);
    }

    @Test
    void aDisabledRsaTokenIsRefused() throws Exception {
        RsaTokens.Listed made = rsaToken();

        assertThat(refusalAfter(encrypted(made, ""), gate -> gate.rsaTokens().replace(ACME, made.id(), "n", false,
                DEVICES, Set.of("house"), limits -> limits))).contains(DenyReason.CREDENTIAL_DISABLED);
    }

    @Test
    void aDeviceThatLeavesItsProjectIsNoLongerPermitted() throws Exception {
        assertThat(refusalAfter(encrypted(rsaToken(), ""), gate -> gate.groups().replace(ACME, group(HOUSE, "fan"))))
                .contains(DenyReason.DEVICE_NOT_PERMITTED);
    }

    @Test
    void verifyingATokenForOneUseTwiceDoesNotUseItUp() throws Exception {
        RsaTokens.Listed made = rsaToken();
        PresentedCredential token = encrypted(made, ",\"jti\":\"once\"");

        assertThat(refusalAfter(token, gate -> gate.rsaTokens().replace(ACME, made.id(), "another name", true, DEVICES,
                Set.of("house"), limits -> limits))).isEmpty();
        assertThat(tenancy.gate().refusal(token, "lamp")).contains(DenyReason.TOKEN_REPLAYED);
    }

    @Test
    void aDeletedJwtTokenIsRefused() throws Exception {
        ECKey key = newKey();
        JwtTokens.Listed made = jwtToken(key);

        assertThat(refusalAfter(signed(made, key), gate -> gate.jwtTokens().delete(ACME, made.id())))
                .contains(DenyReason.CREDENTIAL_REVOKED);
    }

    @Test
    void aUserRemovedFromAJwtTokenIsNoLongerPermitted() throws Exception {
        ECKey key = newKey();
        JwtTokens.Listed made = jwtToken(key);

        assertThat(refusalAfter(signed(made, key), gate -> gate.jwtTokens().replace(ACME, made.id(), "n", true,
                DEVICES, Set.of("bob"), limits -> limits))).contains(DenyReason.USER_NOT_PERMITTED);
    }

    /** Why reading the lamp is refused after something has changed while the token waited. */
    private static <T> Optional<DenyReason> refusalAfter(PresentedCredential token, Tenancy.Step<T> change)
            throws Exception {
        return tenancy.whileItWaitsForAWorker(
                gate -> gate.authenticator().authenticate(new Presentation.Presented(token)),
                () -> find(change.at(tenancy.gate())))
                .flatMap(authentication -> Tenancy.Gate.refusal(authentication, "lamp"));
    }

    private static RsaTokens.Listed rsaToken() {
        return get(tenancy.gate().rsaTokens().create(ACME, "n", DEVICES, Set.of("house"), Limits.NONE));
    }

    private static PresentedCredential encrypted(RsaTokens.Listed made, String claims) {
        RsaTokens.TokenFile file = get(tenancy.gate().rsaTokens().file(ACME, made.id()));
        ObjectNode json = JSON.createObjectNode().put("key_id", file.token().keyId());
        json.set("jwk", JSON.readTree(file.publicJwk()));
        return new PresentedCredential(ClientTokens.encryptedAs(json,
                claims("\"key\":\"" + file.key().secret() + "\"" + claims)));
    }

    private static JwtTokens.Listed jwtToken(ECKey key) {
        return get(tenancy.gate().jwtTokens().create(ACME, "n", DEVICES, Set.of("ann"),
                Optional.of(JwtTokens.RegisteredKey.read(key.toPublicJWK().toJSONString())), Limits.NONE)).listed();
    }

    private static PresentedCredential signed(JwtTokens.Listed made, ECKey key) {
        return new PresentedCredential(ClientTokens.signed(key, made.token().secretId(),
                claims("\"sub\":\"ann\"")));
    }

    private static ECKey newKey() throws JOSEException {
        return new ECKeyGenerator(Curve.P_256).generate();
    }

    private static String claims(String more) {
        long now = tenancy.now().getEpochSecond();
        return "{\"iat\":" + now + ",\"exp\":" + (now + 300) + "," + more + "}";
    }

    private static DeviceGroups.Details group(DeviceGroup group, String device) {
        return new DeviceGroups.Details(group, "name", Set.of(new DeviceId(device)));
    }
}
