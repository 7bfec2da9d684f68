package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.access.Streams;
import dev.postern.audit.Redaction;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.RuleJson;
import dev.postern.decision.Evidence;
import dev.postern.decision.Explanation;
import dev.postern.decision.Grant;
import dev.postern.decision.Step;
import dev.postern.decision.Subject;
import dev.postern.license.License;
import dev.postern.license.LicenseOutlook;
import dev.postern.management.contract.Shape;
import dev.postern.store.ChangeView;
import dev.postern.store.GateIdentity;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Explanations as JSON. No member is a secret, or has a name that {@link Redaction} takes for the name of a secret. */
final class ExplanationJson {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double MILLIS_PER_SECOND = 1000.0;
    static final Shape DENIED = Shape.object(required("status", Shape.count(), "The HTTP status."),
            required("reason", Shape.text(), ""), required("code", Shape.text(), ""),
            required("errno", Shape.count(), ""), required("title", Shape.text(), ""),
            required("detail", Shape.text(), "")).named("Denial");
    static final Shape GATE = Shape.object(required("id", Shape.text(), "The ID of this run of the gate."),
            required("name", Shape.text(), ""), required("state", Shape.word("live", "suspect", "down"), ""),
            required("staleness_seconds", Shape.number(), "How far its cached records may be behind Redis."));
    private static final Shape IDS = Shape.list(Shape.text());
    static final Shape OUTCOME = Shape.word(
            Arrays.stream(Explanation.Outcome.values()).map(Explanation.Outcome::word).toList());
    static final Shape SHAPE = Shape.object(
            required("outcome", OUTCOME, "`answered_here` for calls that the gate answers itself, such as `/keys`."),
            required("answer", DENIED.orNull(),
                    "The denial that the client receives; null if the call is not refused."),
            required("reason", Shape.text().orNull(), "The actual reason. Clients do not see it for invalid"
                    + " credentials."),
            required("detail", Shape.text().orNull(), ""),
            required("decided_by", Shape.word(Arrays.stream(Step.values()).map(Step::word).toList()).orNull(),
                    "The check that refused the call."),
            required("checks", Shape.list(Shape.object(required("check", Shape.text(), ""),
                    required("result", Shape.word(Arrays.stream(Explanation.Result.values())
                            .map(Explanation.Result::word).toList()), ""),
                    required("deciding", Shape.flag(), ""), required("detail", Shape.text(), "What the check found."))),
                    "The checks, in the order in which they are made."),
            required("call", Shape.object(required("api", Shape.text(), ""), required("method", Shape.text(), ""),
                    required("devices", IDS, ""), required("streams", IDS.orNull(), "Null for whole devices."))
                    .orNull(), "The API, devices and streams that the call is for."),
            required("credential",
                    Shape.object(required("kind", Shape.text(), ""), required("account", Shape.text(), ""),
                            required("id", Shape.text().orNull(), ""),
                            required("listed_id", Shape.text().orNull(),
                                    "The ID of the credential in the lists; for an access token, that of its application."),
                            required("name", Shape.text().orNull(), ""), required("enabled", Shape.flag().orNull(), ""),
                            required("expires_at", Shapes.TIME.orNull(), ""), required("allowed_networks", IDS, ""),
                            required("user", Shape.text().orNull(), "")).orNull(),
                    "The credential, as far as it was recognized."),
            required("license", Shape.object(required("enforced", Shape.flag(), ""),
                    required("plan", Shape.text().orNull(), ""), required("state", Shape.text().orNull(), ""),
                    required("seats", Shape.count().orNull(), ""), required("used", Shape.count(), ""),
                    required("device_count", Shape.count(), ""), required("until", Shapes.TIME.orNull(), ""),
                    required("devices", Shape.list(Shape.object(required("device", Shape.text(), ""),
                            required("standing", Shape.word("seated", "waiting", "shared", "unknown"), ""))), ""),
                    required("would_register", IDS, ""), required("would_seat", IDS, "")).orNull(),
                    "Null if Redis was not asked, or does not answer."),
            required("records", Shape.list(Shape.object(required("record", Shape.text(), ""),
                    required("version", Shape.text().orNull(), "Null if there is no such record. The version of a"
                            + " credential is its entity tag."),
                    required("cached_seconds", Shape.number().orNull(), "Null if it was read for the explanation."))),
                    "The records that the decision is based on."),
            required("grant", Shape.object(required("possible", Shape.flag(), ""),
                    optional("credential_id", Shape.text(), "The credential to which the permission can be added."),
                    optional("rules", CredentialShapes.RULES, ""),
                    optional("permissions", CredentialShapes.PERMISSIONS,
                            "For an API key, which has permissions in place of rules."),
                    optional("still_refused", DENIED.orNull(),
                            "The reason why the call would be refused even then."),
                    optional("why_not", Shape.text(), "")).orNull(),
                    "The smallest permission that would allow the call."),
            required("gate", GATE, "The gate that decided.")).named("Explanation");

    private final GateIdentity gate;
    private final ChangeView view;

    ExplanationJson(GateIdentity gate, ChangeView view) {
        this.gate = gate;
        this.view = view;
    }

    ObjectNode of(Explanation explanation) {
        ObjectNode json = verdict(explanation);
        json.put("decided_by", explanation.decidedBy().map(Step::word).orElse(null));
        ArrayNode checks = json.putArray("checks");
        explanation.checks().forEach(check -> checks.addObject().put("check", check.step().word())
                .put("result", check.result().word())
                .put("deciding", check.result() == Explanation.Result.REFUSED).put("detail", check.detail()));
        explanation.request().ifPresentOrElse(request -> write(json.putObject("call"), request),
                () -> json.putNull("call"));
        explanation.subject().ifPresentOrElse(subject -> write(json.putObject("credential"), subject),
                () -> json.putNull("credential"));
        explanation.license().ifPresentOrElse(license -> write(json.putObject("license"), license),
                () -> json.putNull("license"));
        ArrayNode records = json.putArray("records");
        explanation.evidence().forEach(evidence -> write(records.addObject(), evidence));
        explanation.grant().ifPresentOrElse(grant -> write(json.putObject("grant"), grant),
                () -> json.putNull("grant"));
        write(json.putObject("gate"));
        return json;
    }

    /** The outcome and its reason alone. */
    static ObjectNode verdict(Explanation explanation) {
        ObjectNode json = JSON.createObjectNode().put("outcome", explanation.outcome().word());
        putDenied(json, "answer", explanation.denied().map(AccessDecision.Denied::forClient));
        return json.put("reason", explanation.denied().map(denied -> denied.reason().word()).orElse(null))
                .put("detail", explanation.denied().map(AccessDecision.Denied::detail).orElse(null));
    }

    private static void putDenied(ObjectNode json, String name, Optional<AccessDecision.Denied> denied) {
        if (denied.isEmpty()) {
            json.putNull(name);
            return;
        }
        DenyReason reason = denied.get().reason();
        json.putObject(name).put("status", reason.status()).put("reason", reason.word()).put("code", reason.code())
                .put("errno", reason.errno()).put("title", reason.text()).put("detail", denied.get().detail());
    }

    private static void write(ObjectNode json, AccessRequest request) {
        json.put("api", request.api().value()).put("method", request.action().word());
        putIds(json, "devices", request.devices());
        switch (request.streams()) {
            case Streams.WholeDevice() -> json.putNull("streams");
            case Streams.Named(var named) -> putIds(json, "streams", named);
            case Streams.InBody(var besides) -> putIds(json, "streams", besides);
        }
    }

    static void putIds(ObjectNode json, String name, Collection<?> ids) {
        ArrayNode list = json.putArray(name);
        ids.forEach(id -> list.add(id.toString()));
    }

    private static void write(ObjectNode json, Subject subject) {
        json.put("kind", subject.kind()).put("account", subject.account().value())
                .put("id", text(subject.id())).put("listed_id", text(subject.listed()))
                .put("name", subject.name().orElse(null)).put("enabled", subject.enabled().orElse(null))
                .put("expires_at", text(subject.limits().flatMap(limits -> limits.expires())));
        putIds(json, "allowed_networks", subject.limits().map(limits -> limits.networks()).orElseGet(List::of));
        json.put("user", subject.user().orElse(null));
    }

    private static @Nullable String text(Optional<?> value) {
        return value.map(Object::toString).orElse(null);
    }

    private static void write(ObjectNode json, LicenseOutlook outlook) {
        Optional<License> license = outlook.license();
        json.put("enforced", outlook.enforced()).put("plan", license.map(one -> one.plan().word()).orElse(null))
                .put("state", outlook.state().map(License.State::word).orElse(null))
                .put("seats", license.map(License::seats).orElse(null)).put("used", outlook.used())
                .put("device_count", outlook.devices()).put("until", text(license.map(License::until)));
        ArrayNode devices = json.putArray("devices");
        outlook.standings().forEach((device, standing) -> devices.addObject().put("device", device.value())
                .put("standing", standing));
        putIds(json, "would_register", outlook.registers());
        putIds(json, "would_seat", outlook.seats());
    }

    private static void write(ObjectNode json, Evidence evidence) {
        json.put("record", evidence.record()).put("version", evidence.version().map(EntityTags::of).orElse(null))
                .put("cached_seconds", evidence.cached().map(ExplanationJson::seconds).orElse(null));
    }

    private static Double seconds(Duration duration) {
        return duration.toMillis() / MILLIS_PER_SECOND;
    }

    private static void write(ObjectNode json, Grant grant) {
        switch (grant) {
            case Grant.None(var why) -> json.put("possible", false).put("why_not", why);
            case Grant.Added added -> {
                json.put("possible", true).put("credential_id", CredentialRecords.idOf(added.index()).value());
                if (added.permissions().isEmpty()) {
                    RuleJson.write(json.putArray("rules"), added.rules());
                } else {
                    PermissionJson.write(json.putArray("permissions"), added.permissions());
                }
                putDenied(json, "still_refused", added.stillRefused());
            }
        }
    }

    /** The gate itself, and how current its records are. */
    void write(ObjectNode json) {
        json.put("id", gate.id()).put("name", gate.name()).put("state", view.state().word())
                .put("staleness_seconds", seconds(view.staleness()));
    }
}
