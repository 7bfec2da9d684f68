package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.OldSecret;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.Revoked;
import dev.postern.usage.CredentialUsage;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST …/{id}:rotate}, {@code POST …/{id}:end-rotation}, and the member {@code rotation}, for the kinds whose
 * secrets can be replaced.
 */
final class RotationCalls {
    static final String MEMBER = "rotation";
    private static final String REPLACED = "rotated_at";
    private static final String UNTIL = "old_secret_valid_until";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final TokenSettings settings;
    private final CredentialUsage usage;
    private final Clock clock;

    RotationCalls(TokenSettings settings, CredentialUsage usage, Clock clock) {
        this.settings = settings;
        this.usage = usage;
        this.clock = clock;
    }

    /** Makes a new secret. */
    interface Rotate {
        /** @return the credential with its new secret */
        Mono<ObjectNode> to(AccountId account, String id, Duration overlap);
    }

    /** Revokes one of two valid secrets. */
    interface End {
        Mono<ObjectNode> with(AccountId account, String id, Revoked revoked);
    }

    <L> AccountRoutes add(CredentialKind<L> kind, AccountRoutes routes, Rotate rotate, End end) {
        return new CredentialOperations<>(kind).addRotation(routes,
                (account, request) -> rotate(account, request, rotate),
                (account, request) -> end(account, request, end));
    }

    private Mono<ServerResponse> rotate(AccountId account, ServerRequest request, Rotate rotate) {
        return JsonInput.read(request)
                .flatMap(input -> rotate.to(account, request.pathVariable("id"), overlap(input)))
                .flatMap(json -> withUse(account, json)).flatMap(Replies::okWithSecret);
    }

    private Duration overlap(JsonInput input) {
        if (!input.has("overlap")) {
            return settings.secretOverlap();
        }
        try {
            Duration overlap = Duration.parse(input.string("overlap"));
            if (overlap.compareTo(settings.maxSecretOverlap()) > 0) {
                throw JsonInput.invalid("overlap is longer than " + settings.maxSecretOverlap()
                        + " (postern.tokens.max-secret-overlap)");
            }
            if (!overlap.isNegative()) {
                return overlap;
            }
        } catch (DateTimeException | ArithmeticException notDuration) {
            // Falls through to the exception below.
        }
        throw JsonInput.invalid("overlap is not a duration such as PT24H or P7D");
    }

    private Mono<ServerResponse> end(AccountId account, ServerRequest request, End end) {
        return JsonInput.read(request).flatMap(input -> {
            Revoked revoked = input.optionalWord("revoke", List.of(Revoked.values()), Revoked::word)
                    .orElse(Revoked.OLD);
            return end.with(account, request.pathVariable("id"), revoked);
        }).flatMap(json -> withUse(account, json)).flatMap(Replies::ok);
    }

    /** Adds when the credential was last used, and the devices that are still called with the old secret. */
    Mono<ObjectNode> withUse(AccountId account, ObjectNode json) {
        String id = json.required("id").stringValue();
        return usage.lastUsed(account, List.of(id)).flatMap(used -> withDevices(account,
                json.put("last_used_at", used.containsKey(id) ? String.valueOf(used.get(id)) : null)));
    }

    /** Writes a rotation, which {@link #current} removes if it is over. */
    static void write(ObjectNode json, OldSecret old) {
        json.set(MEMBER, JSON.createObjectNode().put(REPLACED, old.replaced().toString())
                .put(UNTIL, old.until().toString()));
    }

    private ObjectNode current(ObjectNode json) {
        return current(json, clock.instant());
    }

    /** Removes a rotation that is over. */
    static ObjectNode current(ObjectNode json, Instant now) {
        JsonNode rotation = json.get(MEMBER);
        return rotation instanceof ObjectNode && !old(rotation).isValid(now) ? json.putNull(MEMBER) : json;
    }

    private static OldSecret old(JsonNode rotation) {
        return new OldSecret(Instant.parse(rotation.required(REPLACED).stringValue()),
                Instant.parse(rotation.required(UNTIL).stringValue()));
    }

    /** Adds the devices that are still called with the old secret. */
    Mono<ObjectNode> withDevices(AccountId account, ObjectNode json) {
        if (!(current(json).get(MEMBER) instanceof ObjectNode rotation)) {
            return Mono.just(json);
        }
        return usage.onOldSecret(account, json.required("id").stringValue(), old(rotation)).map(found -> {
            rotation.put("device_count", found.count());
            ArrayNode devices = rotation.putArray("devices_on_old_secret");
            found.latest().forEach((device, last) -> devices.addObject().put("device", device.value())
                    .put("last_call_at", last.toString()));
            return json;
        });
    }
}
