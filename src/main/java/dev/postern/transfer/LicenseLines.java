package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.license.License;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseSettings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The license of an account. Every account has one, so it is neither created nor deleted. The seats themselves are with
 * the devices; the ledger and the requests for extensions are the history of one store and stay there.
 */
final class LicenseLines extends EachPart<License> {
    private static final String PLAN = "plan";
    private static final String SEATS = "seats";
    private static final String FROM = "valid_from";
    private static final String UNTIL = "valid_until";
    private static final String ENABLED = "enabled";

    private final LicenseManagement licenses;

    LicenseLines(LicenseManagement licenses) {
        this.licenses = licenses;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.LICENSE;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return licenses.find(account).map(license -> write(account, license)).flux();
    }

    @Override
    public License read(AccountId account, Members line) {
        line.only(PLAN, SEATS, FROM, UNTIL, ENABLED);
        String word = line.string(PLAN);
        License.Plan plan = Arrays.stream(License.Plan.values()).filter(one -> one.word().equals(word)).findFirst()
                .orElseThrow(() -> LineFault.invalid(PLAN, "is not one of " + Arrays.stream(License.Plan.values())
                        .map(License.Plan::word).collect(Collectors.joining(", "))));
        if (plan == License.Plan.FREE && line.has(SEATS)) {
            throw LineFault.invalid(SEATS, "of a free license are in the settings of the gate");
        }
        License license = new License(plan,
                plan == License.Plan.PAID ? line.number(SEATS, 0, LicenseSettings.MAX_SEATS) : licenses.freeSeats(),
                line.time(FROM), line.time(UNTIL), line.flag(ENABLED));
        if (license.until().isBefore(license.from())) {
            throw LineFault.invalid(UNTIL, "is before " + FROM);
        }
        return license;
    }

    @Override
    public Resource write(AccountId account, License license) {
        ObjectNode members = JsonMapper.shared().createObjectNode().put(PLAN, license.plan().word());
        if (license.plan() == License.Plan.PAID) {
            members.put(SEATS, license.seats());
        }
        members.put(FROM, license.from().toString()).put(UNTIL, license.until().toString()).put(ENABLED,
                license.enabled());
        return new Resource(kind(), account, "", members);
    }

    @Override
    Mono<Resource> find(AccountId account, License wanted) {
        return licenses.find(account).map(license -> write(account, license));
    }

    /** Called only if the account does not exist, and fails. */
    @Override
    Mono<Void> create(AccountId account, License wanted) {
        return licenses.restore(account, wanted).then();
    }

    @Override
    public Mono<Void> change(AccountId account, License wanted, List<String> differences) {
        return licenses.restore(account, wanted).then();
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, License wanted, Forecast forecast) {
        return Mono.fromRunnable(() -> forecast.licensed(account, wanted.seats()));
    }

    @Override
    public Mono<Void> checkChange(AccountId account, License wanted, List<String> differences, Forecast forecast) {
        return licenses.freeSeats(account, wanted.seats())
                .doOnNext(free -> forecast.licensed(account, free)).then();
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return Mono.empty();
    }
}
