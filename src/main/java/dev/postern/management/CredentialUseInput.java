package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.issuance.CredentialFilter;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import dev.postern.usage.CredentialUsage;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** The parameters of a list of credentials: {@code name}, {@code unused_since} and {@code expiring_within}. */
final class CredentialUseInput {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    static final Parameter[] PARAMETERS = {
            new Parameter("unused_since", Shapes.TIME_OR_DAY,
                    "Finds credentials last used before this time, or created before it and never used."),
            new Parameter("expiring_within", Shape.text(),
                    "Finds credentials that expire within this ISO 8601 duration, such as `P30D`.")};

    private CredentialUseInput() {}

    static Mono<CredentialFilter> filter(AccountId account, ServerRequest request, CredentialUsage usage,
            Clock clock) {
        Optional<String> name = Lists.name(request);
        Optional<Predicate<CredentialFilter.Candidate>> expiring = Lists.single(request, "expiring_within")
                .map(text -> expiringWithin(text, clock.instant()));
        Optional<Instant> unusedSince = Lists.single(request, "unused_since")
                .map(text -> InstantText.parse("unused_since", text));
        if (unusedSince.isEmpty()) {
            return Mono.just(new CredentialFilter(name, expiring));
        }
        return usage.lastUsed(account).map(used -> {
            Predicate<CredentialFilter.Candidate> unused = unusedSince(unusedSince.get(), used);
            return new CredentialFilter(name, Optional.of(expiring.map(unused::and).orElse(unused)));
        });
    }

    /** A credential that was never used is included if it was created before {@code since}. */
    private static Predicate<CredentialFilter.Candidate> unusedSince(Instant since, Map<String, Instant> used) {
        return credential -> used.getOrDefault(credential.id(), credential.created()).isBefore(since);
    }

    /** A credential that has already expired is not included. */
    private static Predicate<CredentialFilter.Candidate> expiringWithin(String text, Instant now) {
        Instant last = now.plus(duration(text));
        return credential -> credential.expires()
                .filter(end -> now.isBefore(end) && !end.isAfter(last)).isPresent();
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Duration.parse(text);
            if (duration.isPositive() && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        } catch (DateTimeException | ArithmeticException notADuration) {
            // Falls through to the exception below.
        }
        throw JsonInput.invalid("expiring_within is not a duration such as P30D or PT12H");
    }
}
