package dev.postern.authentication;

import dev.postern.access.DenyReason;
import dev.postern.credential.AccessToken;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.JwtToken;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Rotatable;
import dev.postern.credential.RsaToken;
import dev.postern.credential.SecretAlias;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.RefusedTokenException;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The verifiers of all kinds of credentials. Recognizes the kind of a credential from its text, and passes it to the
 * verifier of that kind. Add the verifier of a new kind here.
 */
final class Verifiers {
    private final OpaqueVerifier opaque;
    private final RsaTokenVerifier rsaTokens;
    private final JwtTokenVerifier jwtTokens;
    private final Issuers issuers;
    private final VerifiedCredentials remembered;
    private final VerificationTimes times;

    /** @param remembered knows which one-time tokens were used */
    Verifiers(OpaqueVerifier opaque, RsaTokenVerifier rsaTokens, JwtTokenVerifier jwtTokens, Issuers issuers,
            VerifiedCredentials remembered, VerificationTimes times) {
        this.opaque = opaque;
        this.rsaTokens = rsaTokens;
        this.jwtTokens = jwtTokens;
        this.issuers = issuers;
        this.remembered = remembered;
        this.times = times;
    }

    /**
     * Returns what to look up in the store, if a record could make the credential valid.
     *
     * @param used whether this is a one-time token that the same call has already used
     * @throws RefusedTokenException if no record could make the token valid
     */
    Lookup lookup(TokenDigest digest, PresentedCredential presented, boolean used) {
        String secret = presented.secret();
        if (!CompactToken.isOne(secret)) {
            return new Lookup.Opaque(digest, opaque.index(secret));
        }
        if (!used && remembered.isUsed(digest)) {
            throw new RefusedTokenException(DenyReason.TOKEN_REPLAYED, DenyReason.TOKEN_REPLAYED.text());
        }
        return switch (CompactToken.read(secret)) {
            case CompactToken.Encrypted token -> new Lookup.Encrypted(digest, token, rsaTokens.index(token),
                    used);
            case CompactToken.Signed token -> {
                Claims claims = Claims.read(token.payload());
                Optional<Issuer> issuer = claims.has("iss")
                        ? claims.string("iss").flatMap(issuers::find)
                        : Optional.empty();
                yield issuer.isPresent()
                        ? new Lookup.Issued(digest, token, claims, issuer.get())
                        : new Lookup.Signed(digest, token, claims, jwtTokens.index(token));
            }
        };
    }

    Mono<Verification> verify(Lookup lookup, VerificationRecords read) {
        long start = System.nanoTime();
        return verify(lookup, read, lookup instanceof Lookup.Encrypted encrypted && !encrypted.used()
                ? new RsaTokenVerifier.Use.First(until -> remembered.markUsed(encrypted.digest(), until))
                : new RsaTokenVerifier.Use.Again())
                .doOnTerminate(() -> times.verified(kind(lookup), System.nanoTime() - start));
    }

    private static String kind(Lookup lookup) {
        return switch (lookup) {
            case Lookup.Opaque _,Lookup.Repeated _ -> "opaque";
            case Lookup.Encrypted _ -> "rsa_token";
            case Lookup.Signed _ -> "jwt_token";
            case Lookup.Issued _ -> "issued";
        };
    }

    /** Verifies a credential without using it up if it is a one-time token. */
    Mono<Verification> rehearse(Lookup lookup, VerificationRecords read) {
        return verify(lookup, read, new RsaTokenVerifier.Use.None());
    }

    private Mono<Verification> verify(Lookup lookup, VerificationRecords read, RsaTokenVerifier.Use use) {
        return switch (lookup) {
            case Lookup.Opaque(var _, var index) -> opaque.verify(index, read);
            case Lookup.Encrypted(var _, var token, var index, var _) -> rsaTokens.verify(token, index, read, use);
            case Lookup.Signed(var _, var token, var claims, var index) ->
                jwtTokens.verify(token, claims, index, read);
            case Lookup.Issued(var _, var token, var claims, var issuer) -> issuer.verify(token, claims, read);
            case Lookup.Repeated _ ->
                Mono.error(new IllegalStateException("a Repeated lookup must be answered by the Authenticator"));
        };
    }

    /**
     * What the credential with this index may do, without its secret.
     *
     * @param user the user that a JWT is signed for
     */
    Mono<Verification> assume(String index, Optional<String> user, VerificationRecords read, Instant now) {
        return read.credential(index).switchIfEmpty(Mono.error(OpaqueVerifier::unknown)).flatMap(found -> {
            if (found instanceof Credential.Managed managed) {
                Authenticator.requireUsable(managed, now);
            }
            return switch (found) {
                case MasterKey key -> Mono.just(OpaqueVerifier.permitted(key, index));
                case Rotatable<?> rotatable -> opaque.permitted(rotatable, index, read);
                case Application application -> OpaqueVerifier.permitted(application, index, read);
                case RsaToken token -> RsaTokenVerifier.permitted(token, index, read);
                case JwtToken token -> jwtTokens.permitted(user.orElse(""), token, index, read, Optional.empty(),
                        Instant.MAX);
                case AccessToken _,SecretAlias _ -> Mono.error(OpaqueVerifier.unknown());
            };
        });
    }
}
