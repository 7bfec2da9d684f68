package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.support.AtOnce;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code ETag}, {@code If-Match} and {@code If-None-Match} of every resource, over a real socket. */
@UsesSharedGate
class ConditionalCallsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String STALE = "If-Match: \"stale\"";

    private final Customer customer = GATE.newCustomer();

    /** A resource, with how it is made and changed. The changes differ each time. */
    enum Resource {
        PROJECT("/projects", "{\"name\":\"#\",\"devices\":[]}", "{\"name\":\"#\",\"devices\":[\"lamp\"]}"),
        USER("/users", "{\"name\":\"#\",\"devices\":[]}", "{\"name\":\"#\",\"devices\":[\"lamp\"]}"),
        STATIC_TOKEN("/static-tokens", "{\"name\":\"#\"}", "{\"name\":\"#\",\"rules\":[]}"),
        APPLICATION("/applications", "{\"name\":\"#\",\"kind\":\"software\"}", "{\"name\":\"#\",\"rules\":[]}"),
        RSA_TOKEN("/rsa-tokens", "{\"name\":\"#\",\"apis\":[],\"projects\":[]}",
                "{\"name\":\"#\",\"apis\":[\"devices\"],\"projects\":[]}"),
        JWT_TOKEN("/jwt-tokens", "{\"name\":\"#\",\"apis\":[],\"users\":[]}",
                "{\"name\":\"#\",\"apis\":[\"devices\"],\"users\":[]}"),
        DEVICE("/devices", "{\"id\":\"#\",\"title\":\"n\"}", ""),
        SHARED_DEVICE("", "", ""),
        LICENSE("", "", "{\"plan\":\"paid\",\"seats\":&}"),
        EXTENSION("/license/extensions", "{\"note\":\"n\"}", "{\"state\":\"refused\"}"),
        ACCOUNT("", "", "");

        private final String list;
        private final String body;
        private final String change;

        Resource(String list, String body, String change) {
            this.list = list;
            this.body = body;
            this.change = change;
        }

        String change() {
            int number = NAMES.incrementAndGet();
            return change.replace("#", "changed-" + number).replace("&", Integer.toString(number));
        }
    }

    /** A resource that was made, with its tag. */
    private record Made(String path, String tag) {}

    private Made make(Resource resource) {
        String path = switch (resource) {
            case ACCOUNT -> "";
            case LICENSE -> "/license";
            case SHARED_DEVICE -> {
                Customer owner = GATE.newCustomer();
                String id = "shared-" + NAMES.incrementAndGet();
                owner.make("/devices", "{\"id\":\"" + id + "\",\"title\":\"n\"}");
                owner.make("/devices/" + id + "/shares", "{\"account\":\"" + customer.account() + "\"}");
                yield "/devices/" + id;
            }
            default -> {
                Reply made = customer.manage("POST", resource.list,
                        resource.body.replace("#", "made-" + NAMES.incrementAndGet()));
                assertThat(made.status()).as(made.text()).isEqualTo(201);
                String at = made.header("Location").substring(("/api/v1/accounts/" + customer.account()).length());
                assertThat(made.header("ETag")).isEqualTo(tag(at));
                yield at;
            }
        };
        return new Made(path, tag(path));
    }

    private String tag(String path) {
        Reply found = customer.manage("GET", path, "");
        assertThat(found.status()).as(found.text()).isEqualTo(200);
        assertThat(found.header("ETag")).matches("\"[A-Za-z0-9_-]{22}\"");
        return found.header("ETag");
    }

    @ParameterizedTest
    @EnumSource(names = {"DEVICE", "SHARED_DEVICE", "ACCOUNT"}, mode = EnumSource.Mode.EXCLUDE)
    void aChangeNeedsTheTagThatTheResourceHas(Resource resource) {
        Made made = make(resource);
        JsonNode before = customer.manage("GET", made.path(), "").json();

        Reply stale = customer.manage("PUT", made.path(), resource.change(), STALE);
        Reply weak = customer.manage("PUT", made.path(), resource.change(), "If-Match: W/" + made.tag());

        for (Reply refused : List.of(stale, weak)) {
            assertThat(refused.status()).as(refused.text()).isEqualTo(412);
            assertThat(refused.reason()).isEqualTo("precondition_failed");
        }
        assertThat(customer.manage("GET", made.path(), "").json()).as("unchanged").isEqualTo(before);
        assertThat(tag(made.path())).isEqualTo(made.tag());

        Reply changed = customer.manage("PUT", made.path(), resource.change(), "If-Match: \"x\", " + made.tag());

        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(made.tag()).isEqualTo(tag(made.path()));
        assertThat(customer.manage("PUT", made.path(), resource.change(), "If-Match: " + made.tag()).status())
                .as("the old tag").isEqualTo(412);
    }

    @ParameterizedTest
    @EnumSource(names = {"LICENSE", "EXTENSION"}, mode = EnumSource.Mode.EXCLUDE)
    void aDeletionNeedsTheTagThatTheResourceHas(Resource resource) {
        Made made = make(resource);

        assertThat(customer.manage("DELETE", made.path(), "", STALE).status()).isEqualTo(412);
        assertThat(tag(made.path())).as("it is still there").isEqualTo(made.tag());

        assertThat(customer.manage("DELETE", made.path(), "", "If-Match: " + made.tag()).status()).isEqualTo(204);
        assertThat(customer.manage("GET", made.path(), "").status()).isEqualTo(404);
        assertThat(customer.manage("DELETE", made.path(), "", "If-Match: " + made.tag()).status())
                .as("what is gone is not found, whatever is expected of it").isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource(names = {"LICENSE", "EXTENSION"}, mode = EnumSource.Mode.EXCLUDE)
    void aStarAcceptsAnyState(Resource resource) {
        Made made = make(resource);

        assertThat(customer.manage("DELETE", made.path(), "", "If-Match: *").status()).isEqualTo(204);
        assertThat(customer.manage("DELETE", made.path(), "", "If-Match: *").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource(names = {"DEVICE", "SHARED_DEVICE", "ACCOUNT"}, mode = EnumSource.Mode.EXCLUDE)
    void ofChangesThatExpectTheSameStateOneIsMade(Resource resource) throws Exception {
        for (int round = 0; round < 5; round++) {
            String path = make(resource).path();
            String tag = tag(path);
            List<Integer> outcomes = new ArrayList<>();
            for (Reply reply : AtOnce.run(6,
                    () -> customer.manage("PUT", path, resource.change(), "If-Match: " + tag))) {
                outcomes.add(reply.status());
            }
            assertThat(outcomes).as("round %s", round).containsOnlyOnce(200).containsOnly(200, 412);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LICENSE", "EXTENSION", "DEVICE", "SHARED_DEVICE", "ACCOUNT"}, mode = EnumSource.Mode.EXCLUDE)
    void aChangeAndADeletionThatExpectTheSameStateAreNotBothMade(Resource resource) throws Exception {
        for (int round = 0; round < 5; round++) {
            Made made = make(resource);
            List<Reply> replies = AtOnce.run(List.of(
                    () -> customer.manage("PUT", made.path(), resource.change(), "If-Match: " + made.tag()),
                    () -> customer.manage("DELETE", made.path(), "", "If-Match: " + made.tag())));
            if (replies.get(0).status() == 200) {
                assertThat(replies.get(1).status()).isEqualTo(412);
                assertThat(tag(made.path())).isEqualTo(replies.get(0).header("ETag"));
            } else {
                assertThat(replies.get(0).status()).isIn(404, 412);
                assertThat(replies.get(1).status()).isEqualTo(204);
            }
        }
    }

    @Test
    void aMasterKeyAndASecretAreReplacedOnceForATag() {
        String tag = tag("");
        Reply replaced = customer.manage("POST", "/master-key", "", "If-Match: " + tag);
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(replaced.header("ETag")).isNotEqualTo(tag).isEqualTo(tag(""));
        assertThat(customer.manage("POST", "/master-key", "", "If-Match: " + tag).status()).isEqualTo(412);
        assertThat(GATE.call(replaced.json().required("master_key").stringValue(), "GET", "/devices").status())
                .as("the new key still works").isEqualTo(200);

        Made application = make(Resource.APPLICATION);
        Reply secret = customer.manage("POST", application.path() + "/secret", "", "If-Match: " + application.tag());
        assertThat(secret.status()).isEqualTo(200);
        assertThat(secret.header("ETag")).isEqualTo(tag(application.path()));
        assertThat(customer.manage("POST", application.path() + "/secret", "", "If-Match: " + application.tag())
                .status()).isEqualTo(412);
    }

    @Test
    void anOperatorIsChangedAndDeletedAsTheCallerExpects() {
        String path = "/api/v1/operators/conditional";
        Reply made = GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"conditional\",\"role\":\"viewer\",\"password\":\"correct horse battery\"}");
        String tag = "If-Match: " + made.header("ETag");
        assertThat(GATE.operate("GET", path, "").header("ETag")).isEqualTo(made.header("ETag"));

        assertThat(GATE.operate("PUT", path, "{\"role\":\"editor\"}", STALE).status()).isEqualTo(412);
        assertThat(GATE.operate("DELETE", path, "", STALE).status()).isEqualTo(412);
        assertThat(GATE.operate("PUT", path, "{\"role\":\"editor\"}", tag).status()).isEqualTo(200);
        assertThat(GATE.operate("PUT", path + "/password", "{\"password\":\"battery horse correct\"}", tag).status())
                .isEqualTo(412);
        assertThat(GATE.operate("DELETE", path, "", "If-Match: " + GATE.operate("GET", path, "").header("ETag"))
                .status()).isEqualTo(204);
        assertThat(GATE.operate("DELETE", path, "", "If-Match: *").status()).isEqualTo(404);
    }

    @Test
    void theTagIsOfWhatIsSetAndNotOfWhatIsOnlyCounted() {
        String license = tag("/license");
        make(Resource.DEVICE);
        assertThat(tag("/license")).isEqualTo(license);

        Reply made = customer.manage("POST", "/applications", "{\"name\":\"a\",\"kind\":\"software\"}");
        TestApplication.oauth(GATE, "token", "grant_type=client_credentials", TestApplication.basic(
                made.json().required("app_key").stringValue(), made.json().required("app_secret").stringValue()));
        String path = "/applications/" + made.json().required("id").stringValue();
        assertThat(customer.manage("GET", path, "").json().required("secrets").get(0).required("last_used_at")
                .isNull()).isFalse();
        assertThat(tag(path)).isEqualTo(made.header("ETag"));
        assertThat(customer.manage("GET", path, "", "If-None-Match: " + made.header("ETag")).status())
                .as("the counters may have changed").isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(names = {"PROJECT", "USER", "DEVICE", "SHARED_DEVICE", "EXTENSION", "ACCOUNT"})
    void whoHasTheResourceIsNotSentItAgain(Resource resource) {
        Made made = make(resource);
        for (String known : List.of(made.tag(), "W/" + made.tag(), "\"x\", " + made.tag(), "*")) {
            Reply reply = customer.manage("GET", made.path(), "", "If-None-Match: " + known);
            assertThat(reply.status()).as(known).isEqualTo(304);
            assertThat(reply.header("ETag")).isEqualTo(made.tag());
        }
        assertThat(customer.manage("GET", made.path(), "", "If-None-Match: \"x\"").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "\"abc", "abc\"", "\"a\" \"b\"", "\"a\",*", "w/\"a\"", "\"a b\"", "", ",,\"a\",;",
            "*, *"})
    void whatIsNoListOfTagsIsRefused(String value) {
        Made made = make(Resource.PROJECT);

        for (String[] call : new String[][]{{"PUT", "If-Match: "}, {"DELETE", "If-Match: "},
                {"GET", "If-None-Match: "}}) {
            Reply reply = customer.manage(call[0], made.path(), Resource.PROJECT.change(), call[1] + value);
            assertThat(reply.status()).as(call[0]).isEqualTo(400);
            assertThat(reply.reason()).isEqualTo("request_malformed");
        }
    }

    static Stream<Operation> withoutConditions() {
        return Operations.of(GATE).stream().filter(operation -> !operation.has(Trait.IF_MATCH));
    }

    @ParameterizedTest
    @MethodSource("withoutConditions")
    void aConditionIsNeverIgnored(Operation operation) {
        Reply reply = GATE.operate(operation.method().name(), operation.path().replaceAll("\\{[a-z]+}", "nothing"),
                "{}", STALE);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().required("detail").stringValue()).isEqualTo("This call does not support If-Match.");
    }

    @Test
    void everyResourceThatCanBeReadCanBeChangedConditionally() {
        List<Operation> all = Operations.of(GATE);

        assertThat(all).filteredOn(operation -> operation.method().name().equals("PUT"))
                .allMatch(operation -> operation.has(Trait.IF_MATCH) && operation.has(Trait.ETAG));
        List<String> tagged = all.stream().filter(operation -> operation.reads() && operation.has(Trait.ETAG))
                .map(Operation::path).toList();
        assertThat(all).filteredOn(operation -> operation.method().name().equals("DELETE")
                && tagged.contains(operation.path())).hasSizeGreaterThan(7)
                .allMatch(operation -> operation.has(Trait.IF_MATCH));
        assertThat(tagged).hasSizeGreaterThan(9);
    }
}
