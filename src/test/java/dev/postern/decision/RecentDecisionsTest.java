package dev.postern.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.CredentialId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.Streams;
import dev.postern.inbound.ClientAddresses;
import dev.postern.support.MovableClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentDecisionsTest {
    private static final int SIZE = 100;
    private static final AccessGate.Caller CALLER = new AccessGate.Caller() {
        @Override
        public @Nullable InetSocketAddress peer() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        }

        @Override
        public @Nullable List<String> header(String name) {
            return null;
        }
    };

    private final MovableClock clock = MovableClock.at(Instant.parse("2026-11-27T00:00:00Z"));
    private final RecentDecisions recent = new RecentDecisions(
            new RecentDecisionsSettings(true, SIZE, Duration.ofHours(1)), new ClientAddresses(List.of()), clock);

    private static Principal principal(String account) {
        return Principal.listed(new AccountId(account), new CredentialId("c"), Permissions.of(List.of()), Limits.NONE);
    }

    private static AccessRequest request(int devices) {
        return new AccessRequest(new ApiId("devices"), Action.GET,
                IntStream.range(0, devices).mapToObj(i -> new DeviceId("d" + i)).toList(), false,
                new Streams.WholeDevice());
    }

    private int of(String account) {
        return recent.of(new AccountId(account), new CredentialId("c")).size();
    }

    private void call(String account, int times) {
        for (int i = 0; i < times; i++) {
            recent.allowed(principal(account), request(1), CALLER);
        }
    }

    @Test
    void keepNoMoreThanTheirSize() {
        call("acme", 3 * SIZE);

        assertThat(of("acme")).isEqualTo(SIZE);
        assertThat(recent.kept()).isEqualTo(SIZE);
    }

    @Test
    void giveEachAccountAnEqualShareThatNobodyElseCanTake() {
        call("acme", SIZE);
        call("other", 10);
        call("acme", 10 * SIZE);
        recent.sweep();

        assertThat(of("acme")).isEqualTo(SIZE / 2);
        assertThat(of("other")).isEqualTo(10);
        assertThat(recent.kept()).isLessThanOrEqualTo(SIZE);
    }

    @Test
    void forgetWhatIsTooOld() {
        call("acme", 5);
        clock.move(Duration.ofHours(1).plusMillis(1));

        assertThat(of("acme")).isZero();
        recent.sweep();
        assertThat(recent.kept()).isZero();
        call("other", 2 * SIZE);
        assertThat(of("other")).as("the share of acme is free again").isEqualTo(SIZE);
    }

    @Test
    void skipCallsOfManyDevicesAndOfAccountsBeyondTheirNumber() {
        recent.allowed(principal("acme"), request(RecentDecisions.MAX_IDS + 1), CALLER);
        assertThat(of("acme")).isZero();
        for (int i = 0; i < 2 * SIZE; i++) {
            call("account-" + i, 1);
        }

        assertThat(recent.kept()).isLessThanOrEqualTo(SIZE);
        assertThat(recent.skipped()).isGreaterThanOrEqualTo(SIZE);
    }

    @Test
    void leaveOutWhomNoChangeConcerns() {
        recent.refused(null, request(1), CALLER, DenyReason.CREDENTIAL_MISSING);
        recent.allowed(new Principal(new AccountId("acme"), new CredentialId("master"), Permissions.everything()),
                request(1), CALLER);

        assertThat(recent.kept()).isZero();
    }

    @Test
    void areOffByDefault() {
        RecentDecisions off = new RecentDecisions(new RecentDecisionsSettings(false, SIZE, Duration.ofHours(1)),
                new ClientAddresses(List.of()), clock);
        off.allowed(principal("acme"), request(1), CALLER);

        assertThat(off.kept()).isZero();
    }
}
