package dev.postern.management;

import static dev.postern.management.AuthorizationTest.Answer.HIDDEN;
import static dev.postern.management.AuthorizationTest.Answer.PERMITTED;
import static dev.postern.management.AuthorizationTest.Answer.ROLE_INSUFFICIENT;
import static dev.postern.management.AuthorizationTest.Answer.UNKNOWN_CALLER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.management.contract.Operation;
import dev.postern.support.KeepAlive;
import dev.postern.support.OneOfEach;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Who may make which call: every operation of the management API for every kind of caller, over connections. What is
 * expected is written down here from docs/reference/management-api.md and docs/how-to/console.md, and not taken from
 * the code. An operation without a rule fails.
 */
@UsesSharedGate
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthorizationTest {
    private static final TestGate GATE = SharedGate.GATE;

    /** How a call is answered. */
    enum Answer {
        PERMITTED,
        UNKNOWN_CALLER,
        ROLE_INSUFFICIENT,
        /** As if there were nothing at the path. */
        HIDDEN
    }

    /**
     * Who may make a call: the answers for viewer, editor and administrator, then for the master keys of the accounts A
     * and B.
     */
    private enum Rule {
        /**
         * "GET /api/v1/me shows who is calling"; explain and what-if: "viewers may ask, too", and so may key holders.
         */
        EVERYBODY(PERMITTED, PERMITTED, PERMITTED, PERMITTED, PERMITTED),
        /** A viewer may "read everything except secrets, operators and the audit log". */
        READ_GATE(PERMITTED, PERMITTED, PERMITTED, HIDDEN, HIDDEN),
        /** A viewer may not read "operators and the audit log"; export and import "need the role admin". */
        ADMINISTER_GATE(ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, PERMITTED, HIDDEN, HIDDEN),
        /** A master key is "for that account only: everything else is 404". */
        READ_ACCOUNT(PERMITTED, PERMITTED, PERMITTED, PERMITTED, HIDDEN),
        /** An editor may "read secrets that can be shown again". */
        READ_SECRET(ROLE_INSUFFICIENT, PERMITTED, PERMITTED, PERMITTED, HIDDEN),
        /** An editor may "change credentials, devices, projects and users, request license extensions". */
        CHANGE_PART(ROLE_INSUFFICIENT, PERMITTED, PERMITTED, PERMITTED, HIDDEN),
        /** An administrator may "change accounts, licenses and operators". */
        ADMINISTER_ACCOUNT(ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, PERMITTED, ROLE_INSUFFICIENT, HIDDEN);

        private final Answer viewer;
        private final Answer editor;
        private final Answer admin;
        private final Answer keyOfA;
        private final Answer keyOfB;

        Rule(Answer viewer, Answer editor, Answer admin, Answer keyOfA, Answer keyOfB) {
            this.viewer = viewer;
            this.editor = editor;
            this.admin = admin;
            this.keyOfA = keyOfA;
            this.keyOfB = keyOfB;
        }

        Map<String, Answer> answers() {
            Map<String, Answer> answers = new LinkedHashMap<>();
            answers.put("nobody", UNKNOWN_CALLER);
            answers.put("viewer", viewer);
            answers.put("editor", editor);
            answers.put("admin", admin);
            answers.put("key of A", keyOfA);
            answers.put("key of B", keyOfB);
            answers.put("operator token", PERMITTED);
            return answers;
        }
    }

    /** The methods of each path, with their rule. Paths that begin with a dot are below that of an account. */
    private static final String RULES = """
            EVERYBODY          GET             /api/v1/me
            EVERYBODY          GET             /api/v1/apis
            EVERYBODY          POST            /api/v1/explain
            EVERYBODY          POST            /api/v1/what-if
            READ_GATE          GET             /api/v1/accounts
            READ_GATE          GET             /api/v1/overview
            READ_GATE          GET             /api/v1/gates
            READ_GATE          GET             /api/v1/receipts/{change}
            READ_GATE          GET             /v3/api-docs
            ADMINISTER_GATE    POST            /api/v1/accounts
            ADMINISTER_GATE    POST            /api/v1/config:reload
            ADMINISTER_GATE    GET,POST        /api/v1/operators
            ADMINISTER_GATE    GET,PUT,DELETE  /api/v1/operators/{name}
            ADMINISTER_GATE    PUT             /api/v1/operators/{name}/password
            ADMINISTER_GATE    GET             /api/v1/audit
            ADMINISTER_GATE    GET             /api/v1/audit/verify
            ADMINISTER_GATE    GET             /api/v1/export
            ADMINISTER_GATE    POST            /api/v1/import
            READ_ACCOUNT       GET             .
            READ_ACCOUNT       GET             ./usage
            READ_ACCOUNT       GET             ./token-names
            READ_ACCOUNT       GET             ./projects
            READ_ACCOUNT       GET             ./projects/{id}
            READ_ACCOUNT       GET             ./users
            READ_ACCOUNT       GET             ./users/{id}
            READ_ACCOUNT       GET             ./api-keys
            READ_ACCOUNT       GET             ./api-keys/{id}
            READ_ACCOUNT       GET             ./api-keys/{id}/usage
            READ_ACCOUNT       GET             ./static-tokens
            READ_ACCOUNT       GET             ./static-tokens/{id}
            READ_ACCOUNT       GET             ./static-tokens/{id}/usage
            READ_ACCOUNT       GET             ./applications
            READ_ACCOUNT       GET             ./applications/{id}
            READ_ACCOUNT       GET             ./applications/{id}/usage
            READ_ACCOUNT       GET             ./applications/{id}/authcodes
            READ_ACCOUNT       GET             ./rsa-tokens
            READ_ACCOUNT       GET             ./rsa-tokens/{id}
            READ_ACCOUNT       GET             ./rsa-tokens/{id}/usage
            READ_ACCOUNT       GET             ./jwt-tokens
            READ_ACCOUNT       GET             ./jwt-tokens/{id}
            READ_ACCOUNT       GET             ./jwt-tokens/{id}/usage
            READ_ACCOUNT       GET             ./blocked-subjects
            READ_ACCOUNT       GET             ./devices
            READ_ACCOUNT       GET             ./devices/{device}
            READ_ACCOUNT       GET             ./devices/{device}/shares
            READ_ACCOUNT       GET             ./license
            READ_ACCOUNT       GET             ./license/forecast
            READ_ACCOUNT       GET             ./license/ledger
            READ_ACCOUNT       GET             ./license/extensions
            READ_ACCOUNT       GET             ./license/extensions/{id}
            READ_SECRET        GET             ./api-keys/{id}/key
            READ_SECRET        GET             ./rsa-tokens/{id}/file
            CHANGE_PART        POST            ./projects
            CHANGE_PART        PUT,DELETE      ./projects/{id}
            CHANGE_PART        POST            ./users
            CHANGE_PART        PUT,DELETE      ./users/{id}
            CHANGE_PART        POST            ./api-keys
            CHANGE_PART        PUT,DELETE      ./api-keys/{id}
            CHANGE_PART        POST            ./api-keys/{id}:rotate
            CHANGE_PART        POST            ./api-keys/{id}:end-rotation
            CHANGE_PART        POST            ./static-tokens
            CHANGE_PART        PUT,DELETE      ./static-tokens/{id}
            CHANGE_PART        POST            ./static-tokens/{id}:rotate
            CHANGE_PART        POST            ./static-tokens/{id}:end-rotation
            CHANGE_PART        POST            ./applications
            CHANGE_PART        PUT,DELETE      ./applications/{id}
            CHANGE_PART        POST            ./applications/{id}/secret
            CHANGE_PART        POST            ./applications/{id}:rotate
            CHANGE_PART        POST            ./applications/{id}:end-rotation
            CHANGE_PART        POST            ./applications/{id}/authcodes
            CHANGE_PART        DELETE          ./applications/{id}/authcodes/{authcode}
            CHANGE_PART        POST            ./rsa-tokens
            CHANGE_PART        PUT,DELETE      ./rsa-tokens/{id}
            CHANGE_PART        POST            ./jwt-tokens
            CHANGE_PART        PUT,DELETE      ./jwt-tokens/{id}
            CHANGE_PART        POST            ./jwt-tokens/{id}:rotate
            CHANGE_PART        POST            ./jwt-tokens/{id}:end-rotation
            CHANGE_PART        POST            ./blocked-subjects
            CHANGE_PART        DELETE          ./blocked-subjects/{id}
            CHANGE_PART        POST            ./devices
            CHANGE_PART        DELETE          ./devices/{device}
            CHANGE_PART        POST            ./devices:import
            CHANGE_PART        POST,DELETE     ./devices/{device}/shares
            CHANGE_PART        DELETE          ./devices/{device}/shares/{receiver}
            CHANGE_PART        POST            ./license/extensions
            ADMINISTER_ACCOUNT DELETE          .
            ADMINISTER_ACCOUNT POST            ./master-key
            ADMINISTER_ACCOUNT PUT             ./license
            ADMINISTER_ACCOUNT PUT             ./license/extensions/{id}
            ADMINISTER_ACCOUNT POST            ./license/seats:move
            ADMINISTER_ACCOUNT GET             ./export
            ADMINISTER_ACCOUNT POST            ./import
            """;

    private final OneOfEach all = new OneOfEach(GATE);
    private final Map<String, Rule> rules = rules();
    private final Map<String, List<String>> callers = new LinkedHashMap<>();
    private final KeepAlive connection = new KeepAlive(GATE.managementPort());

    AuthorizationTest() {
        callers.put("nobody", List.of());
        for (String role : OneOfEach.ROLES) {
            callers.put(role, List.of("Authorization: Basic " + Base64.getEncoder().encodeToString(
                    (all.operator(role) + ":" + OneOfEach.PASSWORD).getBytes(StandardCharsets.UTF_8))));
        }
        callers.put("key of A", List.of("Authorization: Bearer " + all.account().masterKey()));
        callers.put("key of B", List.of("Authorization: Bearer " + all.other().masterKey()));
        callers.put("operator token", List.of("Authorization: Bearer " + TestGate.OPERATOR_TOKEN));
    }

    @AfterAll
    void close() {
        connection.close();
        all.close();
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        RULES.lines().forEach(line -> {
            String[] columns = line.split(" +", 3);
            for (String method : columns[1].split(",", -1)) {
                String path = columns[2].replaceFirst("^\\.", "/api/v1/accounts/{account}");
                assertThat(rules.put(method + " " + path, Rule.valueOf(columns[0]))).as(line).isNull();
            }
        });
        return rules;
    }

    private String target(Operation operation) {
        return all.fill(operation.path());
    }

    /** A permitted change is refused for a parameter that no call has, so that all that is there stays. */
    private static String query(Operation operation, Answer expected) {
        if (operation.reads()) {
            return operation.id().equals("checkTokenName") ? "?name=n" : "";
        }
        return expected == PERMITTED ? "?no-such-parameter=1" : "";
    }

    private static Answer answer(Operation operation, Reply reply) {
        return switch (reply.status()) {
            case 401 -> UNKNOWN_CALLER;
            case 403 -> ROLE_INSUFFICIENT;
            case 404 -> HIDDEN;
            default -> {
                assertThat(reply.status()).as("%s: %s", operation, reply.text())
                        .isEqualTo(operation.reads() ? 200 : 400);
                yield PERMITTED;
            }
        };
    }

    @Test
    void everyCallerMayMakeTheCallsOfItsRoleAndNoOthers() {
        List<Operation> operations = Operations.of(GATE);
        assertThat(operations.stream().map(Operation::toString)).as("operations, and those that have a rule")
                .containsExactlyInAnyOrderElementsOf(rules.keySet());
        String before = all.asItIs();
        List<String> wrong = new ArrayList<>();
        for (Operation operation : operations) {
            Objects.requireNonNull(rules.get(operation.toString())).answers().forEach((caller, expected) -> {
                String call = operation.method() + " " + target(operation);
                Reply reply = connection.call(operation.method().name(),
                        target(operation) + query(operation, expected), "", callers.get(caller));
                Answer answer = answer(operation, reply);
                if (answer != expected) {
                    wrong.add(caller + ": " + call + " is " + answer + ", not " + expected);
                }
                if (expected == HIDDEN || caller.equals("viewer")) {
                    assertThat(all.secrets()).as("secrets that %s sees at %s", caller, call)
                            .noneMatch(reply.text()::contains);
                }
            });
        }

        assertThat(wrong).isEmpty();
        assertThat(all.asItIs()).as("the account after all the refused calls").isEqualTo(before);
    }

    @Test
    void theKeyOfAnotherAccountFindsNothing() {
        for (Operation operation : Operations.of(GATE)) {
            if (operation.path().startsWith(AccountPath.ONE)) {
                Reply there = connection.call(operation.method().name(), target(operation), "",
                        callers.get("key of B"));
                Reply nowhere = connection.call(operation.method().name(),
                        target(operation).replace(all.account().account(), "no-such-account"), "",
                        callers.get("key of B"));

                assertThat(there.status()).as("%s", operation).isEqualTo(404);
                assertThat(withoutId(there)).as("%s", operation).isEqualTo(withoutId(nowhere));
                assertThat(there.headers().keySet()).as("%s", operation).isEqualTo(nowhere.headers().keySet());
            }
        }
    }

    /** Spring routes OPTIONS by the method that a browser asks for, and knows headers that replace the method. */
    @Test
    void noOtherMethodLeadsAroundTheRule() {
        for (Operation operation : Operations.of(GATE)) {
            String asked = operation.method().name();
            for (String caller : List.of("nobody", "viewer", "key of B")) {
                Answer expected = Objects.requireNonNull(rules.get(operation.toString())).answers().get(caller);
                for (String method : List.of("HEAD", "OPTIONS")) {
                    List<String> headers = new ArrayList<>(callers.get(caller));
                    headers.addAll(List.of("Origin: http://evil.test", "Access-Control-Request-Method: " + asked,
                            "X-HTTP-Method-Override: " + asked));
                    Reply reply = connection.call(method,
                            target(operation) + "?no-such-parameter=1", "", headers);

                    // Spring answers a browser that asks for permission with an empty 200, without permission.
                    assertThat(reply.status()).as("%s: %s %s", caller, method, operation)
                            .isBetween(reply.text().isEmpty() ? 200 : 400, 499);
                    assertThat(reply.headers()).doesNotContainKey("Access-Control-Allow-Origin");
                    if (expected != PERMITTED) {
                        // A viewer may read most paths, and so learns that they do not support HEAD.
                        assertThat(reply.status()).as("%s: %s %s", caller, method, operation).isIn(
                                expected == ROLE_INSUFFICIENT && method.equals("HEAD")
                                        ? List.of(403, 405)
                                        : List.of(401, 403, 404));
                    }
                }
            }
        }
    }

    @Test
    void anOperatorMayChangeItsOwnPasswordOnly() {
        for (String role : List.of("viewer", "editor")) {
            assertThat(connection.call("PUT", "/api/v1/operators/" + all.operator(role) + "/password", "{}",
                    callers.get(role)).status()).as(role).isEqualTo(400);
        }
        assertThat(connection.call("PUT", "/api/v1/operators/" + all.operator("viewer") + "/password", "{}",
                callers.get("editor")).status()).isEqualTo(403);
    }

    /**
     * Not even with the operator token: a call to one of its paths is answered like a call to any other unknown path.
     */
    @Test
    void thePublicPortHasNoneOfIt() {
        List<List<String>> credentials = List.of(callers.get("nobody"), callers.get("operator token"),
                callers.get("key of A"), List.of("api-key: " + all.account().masterKey()));
        try (KeepAlive open = new KeepAlive(GATE.port())) {
            for (List<String> credential : credentials) {
                Map<String, Reply> unknown = new LinkedHashMap<>();
                for (Operation operation : Operations.of(GATE)) {
                    String method = operation.method().name();
                    Reply reply = open.call(method, target(operation), "", credential);
                    Reply usual = unknown.computeIfAbsent(method, _ -> open.call(method, "/no/such", "", credential));

                    assertThat(reply.status()).as("%s", operation).isEqualTo(usual.status()).isGreaterThan(399);
                    assertThat(withoutId(reply)).as("%s", operation).isEqualTo(withoutId(usual));
                }
            }
        }
    }

    private static String withoutId(Reply reply) {
        return reply.text().replaceAll("\"request_id\":\"[^\"]*\"", "");
    }
}
