package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all calls of the management API have in common, over a real socket. */
@UsesSharedGate
class UniformCallsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Customer CUSTOMER = GATE.newCustomer();
    private static final String MISPLACED_SECRET = "hunter2";

    static Stream<Operation> operations() {
        return Operations.of(GATE).stream();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void refuseAnUnknownParameterAndNameThoseThatAreAllowed(Operation operation) {
        Reply reply = GATE.operate(operation.method().name(), target(operation) + "?" + MISPLACED_SECRET + "=x", "{}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        List<String> allowed = operation.parameters().stream().map(Parameter::name).toList();
        assertThat(allowed.contains("receipt")).isEqualTo(operation.changes());
        assertThat(reply.json().required("detail").stringValue()).isEqualTo(allowed.isEmpty()
                ? "This call has no query parameters."
                : "The query has an unknown parameter; allowed are " + String.join(", ", allowed) + ".")
                .doesNotContain(MISPLACED_SECRET);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void endEveryBodyWithANewline(Operation operation) {
        Reply reply = GATE.operate(operation.method().name(),
                operation.reads() ? target(operation) : operation.path().replaceAll("\\{[a-z]+}", "nothing"), "{}");

        assertThat(reply.text()).endsWith("}\n").doesNotEndWith("\n\n");
    }

    @Test
    void endTheProblemsOfTheServerWithANewline() {
        assertThat(GATE.operate("GET", "/" + "a".repeat(20_000), "").text()).endsWith("}\n");
        assertThat(GATE.operate("GET", "/nowhere", "").text()).endsWith("}\n");
        assertThat(GATE.operate("PATCH", "/api/v1/gates", "").text()).endsWith("}\n");
    }

    private static String target(Operation operation) {
        return operation.path().replace("{account}", CUSTOMER.account()).replaceAll("\\{[a-z]+}", "nothing");
    }
}
