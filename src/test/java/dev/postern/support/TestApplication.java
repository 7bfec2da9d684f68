package dev.postern.support;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.Applications;
import dev.postern.issuance.Terminals;
import dev.postern.store.TestRedis;
import dev.postern.support.RawHttp.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** An application of an account, and the calls that it and its operator make. */
public final class TestApplication {
    public static final String EVERYTHING = "[{\"actions\":[\"get\",\"post\",\"put\",\"delete\"],\"devices\":\"all\"}]";
    private static final Map<TestGate, String> ACCOUNTS = new ConcurrentHashMap<>();

    private final TestGate gate;
    private final AccountId account;
    private final String id;
    private final String key;
    private final String secret;

    private TestApplication(TestGate gate, AccountId account, Applications.Issued issued) {
        this.gate = gate;
        this.account = account;
        this.id = issued.listed().id();
        this.key = issued.listed().key().secret();
        this.secret = issued.secret().secret();
    }

    /**
     * May do everything in its account. It shares the account with others that are made here, so that lists of accounts
     * stay short.
     */
    public static TestApplication software(TestGate gate) {
        return software(gate, ACCOUNTS.computeIfAbsent(gate, each -> each.newCustomer().account()), EVERYTHING);
    }

    /** The same in an account of its own. */
    public static TestApplication stranger(TestGate gate) {
        return software(gate, gate.newCustomer().account(), EVERYTHING);
    }

    /** @param rules as JSON */
    public static TestApplication software(TestGate gate, String account, String rules) {
        return create(gate, account, Application.Platform.SOFTWARE, rules);
    }

    public static TestApplication hardware(TestGate gate) {
        return create(gate, ACCOUNTS.computeIfAbsent(gate, each -> each.newCustomer().account()),
                Application.Platform.HARDWARE, EVERYTHING);
    }

    private static TestApplication create(TestGate gate, String account, Application.Platform platform,
            String rules) {
        AccountId owner = new AccountId(account);
        return new TestApplication(gate, owner,
                get(applications(gate).create(owner, "of a test", platform, rules(rules), Limits.NONE)));
    }

    private static Applications applications(TestGate gate) {
        return gate.context().getBean(Applications.class);
    }

    private Terminals terminals() {
        return gate.context().getBean(Terminals.class);
    }

    private static List<Rule> rules(String json) {
        return RuleJson.read("rules", JsonMapper.shared().readTree(json));
    }

    private static <T> T get(Mono<T> mono) {
        return TestRedis.get(mono);
    }

    public String account() {
        return account.value();
    }

    public String key() {
        return key;
    }

    public String secret() {
        return secret;
    }

    /** The header line Authorization with the credentials of the application. */
    public String basic() {
        return basic(key, secret);
    }

    public static String basic(String key, String secret) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString((key + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    public void delete() {
        get(applications(gate).delete(account, id).thenReturn(true));
    }

    public void enable(boolean enabled) {
        get(applications(gate).replace(account, id, "of a test", enabled, rules(EVERYTHING), limits -> limits));
    }

    public void limitTo(String rules) {
        get(applications(gate).replace(account, id, "of a test", true, rules(rules), limits -> limits));
    }

    /** Replaces the secret, and returns the new one. */
    public String replaceSecret() {
        return get(applications(gate).replaceSecret(account, id)).secret().secret();
    }

    public List<Applications.SecretUse> secrets() {
        return get(applications(gate).require(account, id)).secrets();
    }

    public String newAuthcode(int places, Optional<Duration> validFor) {
        return get(terminals().addAuthcodes(account, id, 1, places, validFor)).getFirst().code().secret();
    }

    public boolean deleteAuthcode(String code) {
        return get(terminals().deleteAuthcode(account, id, new PresentedCredential(code)));
    }

    /** How many places of the authcode are taken. */
    public long used(String code) {
        return get(terminals().authcodes(account, id, new Page.Request(1, 100))).items().stream()
                .filter(authcode -> authcode.code().secret().equals(code)).findFirst().orElseThrow().used();
    }

    /** Asks for a token with the header Authorization. */
    public Reply oauth(String call, String form) {
        return oauth(gate, call, form, basic());
    }

    public static Reply oauth(TestGate gate, String call, String form, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Type: application/x-www-form-urlencoded";
        return RawHttp.call(gate.port(), "POST", "/oauth/" + call, form, all);
    }

    /** An access token with the scope, or without one. */
    public String token(String scope) {
        return oauth("token", "grant_type=client_credentials" + (scope.isEmpty() ? "" : "&scope=" + scope)).json()
                .required("access_token").stringValue();
    }

    public Reply authorize(String userId, String authcode) {
        return RawHttp.call(gate.port(), "GET", "/httpapi/authorize.do?appkey=" + key + "&userid=" + userId
                + "&authcode=" + authcode, "");
    }
}
