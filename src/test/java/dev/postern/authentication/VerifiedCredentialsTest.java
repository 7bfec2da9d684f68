package dev.postern.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.Rule;
import dev.postern.access.StreamSet;
import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerifiedCredentialsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final TokenDigest TOKEN = TokenDigest.of(new PresentedCredential("token"));

    private final VerifiedCredentials remembered = new VerifiedCredentials(Duration.ofMinutes(10), 1 << 20);

    @Test
    void countADeviceOncePerSetOfApis() {
        remembered.remember(TOKEN, read("{}"), verification(10, 10, Instant.MAX), NOW);
        assertThat(remembered.find(TOKEN)).isNotNull();

        remembered.remember(TOKEN, read("{}"), verification(100, 100, Instant.MAX), NOW);
        assertThat(remembered.find(TOKEN)).as("more than all may take").isNull();
    }

    @Test
    void areValidUntilTheyExpireOrTheirRecordsChange() {
        remembered.remember(TOKEN, read("{}"), verification(1, 1, NOW.plusSeconds(30)), NOW);
        VerifiedCredentials.Remembered entry = remembered.find(TOKEN);

        assertThat(entry).isNotNull();
        assertThat(entry.isValid(List.of(StoredRecord.of("{}")), NOW.plusSeconds(29).toEpochMilli())).isTrue();
        assertThat(entry.isValid(List.of(StoredRecord.of("{}")), NOW.plusSeconds(30).toEpochMilli())).isFalse();
        assertThat(entry.isValid(List.of(StoredRecord.of("{ }")), NOW.toEpochMilli())).isFalse();
        assertThat(entry.isValid(List.of(StoredRecord.NONE), NOW.toEpochMilli())).isFalse();
        assertThat(entry.isValid(List.of(), NOW.toEpochMilli())).isFalse();
    }

    @Test
    void keepNothingThatHasExpired() {
        remembered.remember(TOKEN, read("{}"), verification(1, 1, NOW), NOW);
        assertThat(remembered.find(TOKEN)).isNull();
    }

    @Test
    void keepATokenForOneUseOnlyForItsCall() {
        Verification once = verification(1, 1, NOW.plusSeconds(30));
        VerifiedCredentials.Remembered held = remembered.remember(TOKEN, read("{}"), new Verification(once.principal(),
                once.credential(), once.until(), true, once.stillHolds()), NOW);

        assertThat(remembered.find(TOKEN)).isNull();
        assertThat(held.isValid(List.of(StoredRecord.of("{}")), NOW.plusSeconds(29).toEpochMilli())).isTrue();
        assertThat(held.isValid(List.of(StoredRecord.of("{}")), NOW.plusSeconds(30).toEpochMilli())).isFalse();
        assertThat(held.isValid(List.of(StoredRecord.NONE), NOW.toEpochMilli())).isFalse();
    }

    private static VerificationRecords read(String record) {
        VerificationRecords read = new VerificationRecords(new RecordsInMemory(Map.of()), Patience.READ);
        read.refs().add(RecordRef.key("key"));
        read.records().add(StoredRecord.of(record));
        return read;
    }

    /** The verification of a credential with this many rules, each for another API and for this many devices. */
    private static Verification verification(int rules, int devices, Instant until) {
        Set<DeviceId> ids = IntStream.range(0, devices).mapToObj(i -> new DeviceId("device-" + i))
                .collect(Collectors.toSet());
        Permissions permissions = Permissions.of(IntStream.range(0, rules)
                .mapToObj(i -> new Rule(new ApiSet.Only(Set.of(new ApiId("api-" + i))), EnumSet.allOf(Action.class),
                        new DeviceSet.Only(ids), new StreamSet.WholeDevice()))
                .toList());
        return new Verification(new Principal(ACME, new CredentialId("id"), permissions), new MasterKey(ACME), until);
    }
}
