package dev.postern.authentication;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.access.StreamSet;
import dev.postern.access.Streams;
import dev.postern.account.DeviceGroups;
import dev.postern.account.RecordRef;
import dev.postern.credential.AccessToken;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.JwtToken;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.RsaToken;
import dev.postern.credential.StaticToken;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.DecryptionKey;
import dev.postern.jose.PublicKeys;
import dev.postern.jose.VerificationKey;
import dev.postern.store.Patience;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.TestRedis;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * What authentication costs without the store (the records are in memory here): the second and later use of a
 * credential, its first use, and the refusal of a token that nobody can have made. The yardsticks beside them are the
 * bare verification and decryption by the same library.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseCompactObjectHeaders"})
public class CredentialBenchmark {
    private static final AccountId ACCOUNT = new AccountId("acme");
    private static final AccessRequest REQUEST = new AccessRequest(new ApiId("devices"), Action.GET,
            List.of(new DeviceId("lamp")), false, new Streams.WholeDevice());

    /** A kind of credential. */
    public enum Kind {
        API_KEY, STATIC_TOKEN, ACCESS_TOKEN, TERMINAL_TOKEN, RSA_TOKEN, JWT_HS256, JWT_RS256
    }

    private final Map<RecordRef, String> records = new HashMap<>();
    private final CryptoWorkers workers = new CryptoWorkers("benchmark", 1, 16);
    private final Clock clock = Clock.systemUTC();

    /** Runs a benchmark once for each kind. */
    @State(Scope.Benchmark)
    public static class EachKind {
        @Param
        public Kind kind = Kind.API_KEY;
    }

    private final RedisClient redis = RedisClient.create();
    private final Map<Kind, Presentation> presentations = new HashMap<>();
    private SecretKeys secrets = secrets();
    private Authenticator remembering = authenticator("10m");
    private Authenticator forgetful = authenticator("0s");
    private Presentation garbage = new Presentation.Presented(new PresentedCredential("x"));
    private DecryptionKey decryptionKey = DecryptionKey.generate(2048);
    private Optional<CompactToken.Encrypted> encrypted = Optional.empty();
    private Optional<CompactToken.Signed> signed = Optional.empty();
    private Optional<VerificationKey> verificationKey = Optional.empty();

    private static SecretKeys secrets() {
        try {
            Path folder = Files.createTempDirectory("benchmark");
            return SecretKeys.load(folder.resolve("secret-keys.json"), true);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private Authenticator authenticator(String rememberFor) {
        TokenSettings settings = new Binder(
                new MapConfigurationPropertySource(Map.of("postern.tokens.remember-for", rememberFor)))
                .bindOrCreate("postern.tokens", TokenSettings.class);
        return new Authenticator(new RecordsInMemory(records), noStore(), secrets, settings, new Issuers(List.of()),
                workers, clock, VerificationTimes.NONE);
    }

    private RedisStore noStore() {
        // Only tokens for one use write to the store, and none of these tokens is for one use.
        return new RedisStore(redis, _ -> {}, TestRedis.CACHE, TestRedis.OUTAGE);
    }

    @Setup
    public void makeCredentials() throws JOSEException, ParseException {
        List<Rule> rules = List.of(new Rule(new ApiSet.Every(), EnumSet.of(Action.GET),
                new DeviceSet.Only(Set.of(new DeviceId("lamp"))), new StreamSet.WholeDevice()));
        Instant now = Instant.now();
        CredentialRecords index = new CredentialRecords(noStore(), secrets);
        KeyIds keyIds = new KeyIds(secrets);
        put(index.index("api-key"), new ApiKey(ACCOUNT, "t", now, true, List.of(new Permission(EnumSet.of(Action.GET),
                List.of(new Permission.Resource(new DeviceId("lamp"), Optional.empty())))), "sealed",
                Limits.NONE));
        put(index.index("static-token"), new StaticToken(ACCOUNT, "t", now, true, rules, Limits.NONE));
        put("application", new Application(ACCOUNT, "t", now, true, Application.Platform.SOFTWARE, rules, "sealed",
                new Application.Secret("x", now), Optional.empty(), Limits.NONE));
        put(index.index("access-token"),
                new AccessToken(ACCOUNT, "application", Optional.empty(), Optional.empty(), now,
                        now.plusSeconds(86_400), false));
        put(index.index("terminal-token"), new AccessToken(ACCOUNT, "application", Optional.of(new DeviceId("lamp")),
                Optional.empty(), now, now.plusSeconds(86_400), false));
        DeviceGroup project = new DeviceGroup(DeviceGroup.Kind.PROJECT, "p");
        DeviceGroup user = new DeviceGroup(DeviceGroup.Kind.USER, "u");
        for (DeviceGroup group : List.of(project, user)) {
            records.put(DeviceGroups.ref(ACCOUNT, group), "{\"v\":1,\"name\":\"n\",\"devices\":[\"lamp\"]}");
        }

        String rsaId = keyIds.next();
        put(keyIds.index(rsaId).orElseThrow(), new RsaToken(ACCOUNT, "t", now, true, Set.of(new ApiId("devices")),
                Set.of("p"), rsaId, RsaToken.indexOfKey(secrets, "the-key"), "sealed",
                secrets.seal(decryptionKey.encoded(), OpenKeys.privateContext(rsaId)), Limits.NONE));
        JWEObject jwe = new JWEObject(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID(rsaId).build(),
                new Payload("{\"key\":\"the-key\",\"iat\":" + now.getEpochSecond() + ",\"exp\":"
                        + (now.getEpochSecond() + 3600) + "}"));
        jwe.encrypt(new RSAEncrypter(RSAKey.parse(decryptionKey.publicJwk(rsaId))));
        String rsaToken = jwe.serialize();
        encrypted = Optional.of((CompactToken.Encrypted) CompactToken.read(rsaToken));
        garbage = new Presentation.Presented(new PresentedCredential(rsaToken.replace(rsaToken.split("\\.", -1)[0],
                new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                        .keyID("AAAAAAAAAAAAAAAAAAAAAA").build().toBase64URL().toString())));

        String secretId = keyIds.next();
        String secret = "a-secret-of-more-than-thirty-two-bytes";
        put(keyIds.index(secretId).orElseThrow(), new JwtToken(ACCOUNT, "t", now, true, Set.of(new ApiId("devices")),
                Set.of("u"), secretId,
                new JwtToken.Key.Secret(secrets.seal(secret, OpenKeys.secretContext(secretId))), Limits.NONE));
        String hs256 = sign(JWSAlgorithm.HS256, secretId, now, new MACSigner(secret));

        String publicId = keyIds.next();
        RSAKey rsa = new RSAKeyGenerator(2048).generate();
        put(keyIds.index(publicId).orElseThrow(), new JwtToken(ACCOUNT, "t", now, true, Set.of(new ApiId("devices")),
                Set.of("u"), publicId, new JwtToken.Key.Public(rsa.toPublicJWK().toJSONString()), Limits.NONE));
        String rs256 = sign(JWSAlgorithm.RS256, publicId, now, new RSASSASigner(rsa));
        signed = Optional.of((CompactToken.Signed) CompactToken.read(rs256));
        verificationKey = Optional.of(VerificationKey.ofPublic(rsa.toPublicJWK(), PublicKeys.REGISTERED));

        Map.of(Kind.API_KEY, "api-key", Kind.STATIC_TOKEN, "static-token", Kind.ACCESS_TOKEN, "access-token",
                Kind.TERMINAL_TOKEN, "terminal-token", Kind.RSA_TOKEN, rsaToken, Kind.JWT_HS256, hs256, Kind.JWT_RS256,
                rs256).forEach(
                        (kind, text) -> presentations.put(kind,
                                new Presentation.Presented(new PresentedCredential(text))));
        for (Kind kind : Kind.values()) {
            if (!(decide(remembering, kind) instanceof AccessDecision.Allowed)) {
                throw new IllegalStateException(kind + " is refused");
            }
        }
    }

    private static String sign(JWSAlgorithm algorithm, String keyId, Instant now, JWSSigner signer)
            throws JOSEException {
        JWSObject jws = new JWSObject(new JWSHeader.Builder(algorithm).keyID(keyId).build(),
                new Payload("{\"sub\":\"u\",\"iat\":" + now.getEpochSecond() + ",\"exp\":"
                        + (now.getEpochSecond() + 3600) + "}"));
        jws.sign(signer);
        return jws.serialize();
    }

    private void put(String index, Credential.Stored credential) {
        records.put(RecordRef.key(CredentialRecords.key(index)), CredentialCodec.encode(credential));
    }

    @TearDown
    public void stop() {
        workers.close();
        redis.shutdown();
    }

    private AccessDecision decide(Authenticator authenticator, Kind kind) {
        Presentation presentation = presentations.getOrDefault(kind, garbage);
        return switch (authenticator.authenticate(presentation).blockOptional().orElseThrow()) {
            case Authentication.Verified(var principal, var _, var _) -> AccessPolicy.decide(principal, REQUEST);
            case Authentication.Refused(var denied) -> denied;
            case Authentication.NeedsStore _ -> throw new IllegalStateException("the store was asked");
        };
    }

    /** A credential that was verified before: digest, records compared, decision. */
    @Benchmark
    public AccessDecision repeatedUse(EachKind each) {
        return decide(remembering, each.kind);
    }

    /** A credential that is verified as if for the first time. */
    @Benchmark
    public AccessDecision firstUse(EachKind each) {
        return decide(forgetful, each.kind);
    }

    /** A JWE with a key id that was made up. */
    @Benchmark
    public Authentication garbage() {
        return remembering.authenticateNow(garbage, Patience.READ);
    }

    /** Verifies one RS256 signature: the yardstick for such JWTs. */
    @Benchmark
    public CompactToken bareVerification() {
        verificationKey.orElseThrow().verify(signed.orElseThrow());
        return signed.orElseThrow();
    }

    /** One operation with the RSA private key, and AES-GCM: the yardstick for RSA open tokens. */
    @Benchmark
    public byte[] bareDecryption() {
        return decryptionKey.decrypt(encrypted.orElseThrow());
    }
}
