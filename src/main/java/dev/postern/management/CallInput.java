package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.IpAddresses;
import dev.postern.decision.HypotheticalCall;
import dev.postern.management.contract.Shape;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads the call to explain. */
final class CallInput {
    static final int MAX_TARGET = 65_536;
    private static final int MAX_HEADERS = 100;
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
    private static final Pattern METHOD = Pattern.compile("[A-Za-z]{1,20}");

    private static final List<Shape.Member> SHAPE = List.of(
            required("method", Shape.matching(METHOD.pattern()), "The HTTP method, such as `GET`."),
            required("target", Shape.text(1, MAX_TARGET), "Path and query, such as `/devices/lamp`."),
            optional("headers", Shape.anyObject(), "Headers by name: a text, or a list of texts. Names that differ in"
                    + " case only are one header."),
            optional("body", Shape.text(), "The body, as text that is sent in UTF-8."),
            optional("client_address", Shape.text(), "The IP address that the connection would come from; if absent,"
                    + " it is unknown."),
            optional("user", Shapes.ID, "If `credential_id` is a JWT token, the user that the JWT is signed for."));

    private CallInput() {}

    static Stream<Shape.Member> shape() {
        return SHAPE.stream();
    }

    static List<String> members() {
        return SHAPE.stream().map(Shape.Member::name).toList();
    }

    /** @throws ProblemException naming the member that is missing or invalid */
    static HypotheticalCall read(JsonInput input) {
        String method = input.string("method");
        if (!METHOD.matcher(method).matches()) {
            throw JsonInput.invalid("method is not a word of 1 to 20 letters");
        }
        String target = input.string("target");
        if (target.isEmpty() || target.length() > MAX_TARGET) {
            throw JsonInput.invalid("target must have 1 to " + MAX_TARGET + " characters");
        }
        return new HypotheticalCall(method, target, headers(input),
                input.optionalString("body").orElse("").getBytes(StandardCharsets.UTF_8), client(input));
    }

    static Optional<String> user(JsonInput input) {
        return input.groupId("user");
    }

    private static Optional<InetAddress> client(JsonInput input) {
        return input.optionalString("client_address").map(text -> IpAddresses.parse(text)
                .orElseThrow(() -> JsonInput.invalid("client_address is not an IP address")));
    }

    private static Map<String, List<String>> headers(JsonInput input) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (!input.has("headers")) {
            return headers;
        }
        JsonNode json = input.required("headers");
        if (!json.isObject() || json.size() > MAX_HEADERS) {
            throw JsonInput.invalid("headers is not an object with at most " + MAX_HEADERS + " members");
        }
        for (Map.Entry<String, JsonNode> header : json.properties()) {
            if (!TOKEN.matcher(header.getKey()).matches()) {
                // Not quoted: it may be a misplaced secret.
                throw JsonInput.invalid("headers has a member that is not the name of a header");
            }
            List<String> values = headers.computeIfAbsent(header.getKey(), _ -> new ArrayList<>());
            if (header.getValue().isArray()) {
                header.getValue().forEach(value -> values.add(value(value)));
            } else {
                values.add(value(header.getValue()));
            }
        }
        return headers;
    }

    private static String value(JsonNode json) {
        if (!json.isString() || json.stringValue().chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw JsonInput.invalid("headers has a value that is not a text, or contains control characters");
        }
        // The HTTP server decodes headers as one character per byte.
        return new String(json.stringValue().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1).strip();
    }
}
