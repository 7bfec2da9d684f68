package dev.postern.oidc;

import dev.postern.access.DenyReason;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.IssuerKeys;
import dev.postern.jose.RefusedTokenException;
import dev.postern.jose.TokenTimes;
import dev.postern.operator.Identity;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Verifies ID tokens (OpenID Connect Core, section 3.1.3.7), and reads who signed in. */
final class IdTokens {
    /** The token is used once, right after its issue, so its lifetime hardly matters. */
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MAX_NAME = 100;
    private static final int MAX_SUBJECT = 255;

    private final OidcSettings settings;
    private final TokenTimes times;
    private final CryptoWorkers workers;
    private final Clock clock;

    IdTokens(OidcSettings settings, Duration clockSkew, CryptoWorkers workers, Clock clock) {
        this.settings = settings;
        this.times = new TokenTimes(clockSkew, LONGEST);
        this.workers = workers;
        this.clock = clock;
    }

    /** The identity; {@link RefusedTokenException} if this is not a valid token of the provider for this attempt. */
    Mono<Identity> verify(String text, Attempt attempt, IssuerKeys keys) {
        return Mono.defer(() -> {
            if (!(CompactToken.read(text) instanceof CompactToken.Signed token)) {
                throw new RefusedTokenException(DenyReason.TOKEN_MALFORMED, "The ID token is encrypted.");
            }
            token.header().requireType(Set.of("jwt"), false);
            Claims claims = Claims.read(token.payload());
            check(claims, attempt);
            return keys.verify(token, () -> true, workers).map(_ -> identity(claims));
        });
    }

    private void check(Claims claims, Attempt attempt) {
        times.check(claims, clock.instant());
        claims.requireTime("iat");
        require(claims.requireString("iss").equals(settings.issuer()), "iss", "is another issuer");
        List<String> audience = claims.strings("aud").orElse(List.of());
        require(audience.contains(settings.client()), "aud", "does not contain the client ID of the gate");
        Optional<String> authorized = claims.string("azp");
        require(authorized.map(settings.client()::equals).orElse(audience.size() == 1), "azp",
                "is not the client ID of the gate");
        require(claims.requireString("nonce").equals(attempt.nonce()), "nonce", "is not that of this sign-in");
    }

    private Identity identity(Claims claims) {
        String subject = claims.requireString("sub");
        require(subject.length() <= MAX_SUBJECT && isPrintable(subject), "sub", "is not a text of at most "
                + MAX_SUBJECT + " printable characters");
        String name = claims.string(settings.nameClaim()).map(String::strip)
                .filter(text -> !text.isEmpty() && text.length() <= MAX_NAME && isPrintable(text)).orElse(subject);
        return new Identity(settings.issuer(), subject, name,
                settings.roles().relevant(claims.stringsAt(settings.groupsClaim()).orElse(List.of())));
    }

    /** Whether a text has no control characters, and none that change its direction: both could deceive its readers. */
    private static boolean isPrintable(String text) {
        return text.codePoints().noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.LINE_SEPARATOR
                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                || Character.getType(c) == Character.SURROGATE);
    }

    private static void require(boolean condition, String claim, String otherwise) {
        if (!condition) {
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID,
                    "The claim " + claim + " " + otherwise + ".");
        }
    }
}
