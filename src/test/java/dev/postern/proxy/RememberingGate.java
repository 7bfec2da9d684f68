package dev.postern.proxy;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import dev.postern.access.TargetParser;
import dev.postern.account.DeviceGroups;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.CredentialHeader;
import dev.postern.authentication.Issuers;
import dev.postern.authentication.Presentation;
import dev.postern.authentication.RecordCache;
import dev.postern.authentication.VerificationTimes;
import dev.postern.catalog.ApiDefinition;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.credential.Application;
import dev.postern.credential.Permission;
import dev.postern.credential.TokenSettings;
import dev.postern.decision.AccessGate;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.decision.AccessGate.Question;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.issuance.Applications;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.StaticTokens;
import dev.postern.jose.CryptoWorkers;
import dev.postern.license.Devices;
import dev.postern.license.License;
import dev.postern.license.LicenseCheck;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseSettings;
import dev.postern.license.LicenseWatch;
import dev.postern.license.NewDevice;
import dev.postern.license.Shares;
import dev.postern.store.Patience;
import dev.postern.store.TestRedis;
import dev.postern.support.AmpleStorage;
import dev.postern.support.ClientTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.FileSystemResource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A gate on a Redis of its own, with the default settings, the shipped catalogue, and licenses on. It has seen each of
 * its calls before, so that it decides them without Redis.
 */
final class RememberingGate implements AutoCloseable {
    private static final AccountId ACCOUNT = new AccountId("acme");
    private static final DeviceId LAMP = new DeviceId("lamp-1001");
    private static final DeviceGroup FLEET = new DeviceGroup(DeviceGroup.Kind.USER, "fleet");
    private static final int FLEET_SIZE = 10_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** None of the credentials is limited to networks, so nobody asks for the address of the caller. */
    private static final AccessGate.Call NOWHERE = new AccessGate.Call() {
        @Override
        public @Nullable InetSocketAddress peer() {
            throw new IllegalStateException("the address was asked for");
        }

        @Override
        public @Nullable List<String> header(String name) {
            throw new IllegalStateException("the address was asked for");
        }

        @Override
        public Authentication authenticateNow(Authenticator authenticator, Patience patience) {
            throw new IllegalStateException("it is authenticated outside of the gate");
        }

        @Override
        public Authentication authenticateAgainNow(Authenticator authenticator, Authentication.Verified before,
                Patience patience) {
            throw new IllegalStateException("no call of these has a body");
        }

        @Override
        public Authentication.Verified verified() {
            throw new IllegalStateException("no call of these is decided again");
        }

        @Override
        public void authenticated(Authentication authentication) {}
    };

    /** A call that a client makes again and again. */
    enum Call {
        /** The master key reads a list that names no device. */
        MASTER_KEY("GET", "/devices?page=1", true),
        /** An API key reads a device that it names. */
        API_KEY("GET", "/devices/lamp-1001", true),
        /** An API key that is limited to data streams writes one of them. */
        API_KEY_STREAM("PUT", "/devices/lamp-1001/datastreams/temperature", true),
        /** The same, and deletes the points of two. */
        API_KEY_TWO_STREAMS("DELETE", "/devices/lamp-1001/datapoints?datastream_id=temperature,light", true),
        /** A static token reads a device that it names. */
        STATIC_TOKEN("GET", "/devices/lamp-1001", true),
        /** An access token reads a device that its application names. */
        ACCESS_TOKEN("GET", "/devices/lamp-1001", true),
        /** A JWT reads a device of a user that has ten thousand. */
        JWT("GET", "/devices/lamp-1001", true),
        /** A static token for the ten thousand devices of a user reads one. */
        LARGE_GROUP("GET", "/devices/lamp-1001", true),
        /** An API key reads a device that it does not name. */
        OTHER_DEVICE("GET", "/devices/lamp-1002", false),
        /** An API key that is limited to data streams writes another. */
        OTHER_STREAM("PUT", "/devices/lamp-1001/datastreams/humidity", false);

        final String method;
        final String target;
        final boolean allowed;

        Call(String method, String target, boolean allowed) {
            this.method = method;
            this.target = target;
            this.allowed = allowed;
        }
    }

    private final TestRedis redis;
    private final CryptoWorkers workers = new CryptoWorkers("remembering-gate", 1, 16);
    private final Authenticator authenticator;
    private final AccessGate gate;
    private final Catalog catalog = shippedCatalog();
    private final Map<Call, String> headers = new EnumMap<>(Call.class);

    RememberingGate(Path folder) {
        Clock clock = Clock.systemUTC();
        TokenSettings tokens = defaults("postern.tokens", TokenSettings.class);
        LicenseSettings licenses = defaults("postern.license", LicenseSettings.class);
        redis = TestRedis.start(folder);
        authenticator = new Authenticator(new RecordCache(redis.store(), TestRedis.CACHE), redis.store(),
                redis.secretKeys(), tokens, new Issuers(List.of()), workers, clock, VerificationTimes.NONE);
        LicenseWatch watch = new LicenseWatch(redis.store(), licenses, clock);
        Devices devices = new Devices(redis.store(), new Shares(redis.store(), licenses, clock), licenses, watch,
                clock);
        gate = new AccessGate(authenticator, new LicenseCheck(redis.store(), devices, licenses, clock),
                new ClientAddresses(List.of()));
        makeCredentials(clock, tokens);
        makeDevices(devices, new LicenseManagement(redis.store(), devices, licenses, clock));
        for (Call call : Call.values()) {
            makeOnce(call);
        }
    }

    private static <T> T defaults(String prefix, Class<T> settings) {
        return new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate(prefix, settings);
    }

    private static Catalog shippedCatalog() {
        try {
            MutablePropertySources sources = new MutablePropertySources();
            new YamlPropertySourceLoader().load("shipped", new FileSystemResource(Path.of("config/application.yml")))
                    .forEach(sources::addLast);
            return Catalog.compile(new Binder(ConfigurationPropertySources.from(sources))
                    .bind("postern.apis", Bindable.mapOf(String.class, ApiDefinition.class)).get());
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private void makeCredentials(Clock clock, TokenSettings settings) {
        List<Rule> lamp = rules(new DeviceSet.Only(Set.of(LAMP)));
        bearer(Call.MASTER_KEY,
                get(new Accounts(redis.store(), redis.secretKeys(), clock, AmpleStorage.parts(redis.store()))
                        .create(ACCOUNT, "Acme"))
                        .masterKey().secret());
        DeviceGroups groups = new DeviceGroups(redis.store(), AmpleStorage.lists(redis.store()));
        Set<DeviceId> fleet = new HashSet<>(Set.of(LAMP));
        for (int i = 1; i < FLEET_SIZE; i++) {
            fleet.add(new DeviceId("device-" + i));
        }
        find(groups.create(ACCOUNT, new DeviceGroups.Details(FLEET, "Fleet", fleet)));

        ApiKeys keys = new ApiKeys(redis.store(), AmpleStorage.of(redis.store()), redis.secretKeys(), clock, 100);
        String whole = apiKey(keys, new Permission(EnumSet.of(Action.GET, Action.PUT),
                List.of(new Permission.Resource(LAMP, Optional.empty()))));
        bearer(Call.API_KEY, whole);
        bearer(Call.OTHER_DEVICE, whole);
        String limited = apiKey(keys, new Permission(EnumSet.of(Action.PUT, Action.DELETE),
                List.of(stream("temperature"), stream("light"))));
        bearer(Call.API_KEY_STREAM, limited);
        bearer(Call.API_KEY_TWO_STREAMS, limited);
        bearer(Call.OTHER_STREAM, limited);

        StaticTokens staticTokens = new StaticTokens(redis.store(), AmpleStorage.lists(redis.store()),
                redis.secretKeys(),
                clock, settings);
        bearer(Call.STATIC_TOKEN,
                get(staticTokens.create(ACCOUNT, "one", Optional.empty(), lamp, Limits.NONE)).text().secret());
        bearer(Call.LARGE_GROUP, get(staticTokens.create(ACCOUNT, "many", Optional.empty(),
                rules(new DeviceSet.Of(Set.of(FLEET))), Limits.NONE)).text().secret());

        Applications applications = new Applications(redis.store(), AmpleStorage.lists(redis.store()),
                redis.secretKeys(),
                clock, settings);
        Applications.Issued made = get(
                applications.create(ACCOUNT, "app", Application.Platform.SOFTWARE, lamp, Limits.NONE));
        Applications.Client client = get(applications.authenticate(made.listed().key().secret(), made.secret(), null));
        bearer(Call.ACCESS_TOKEN, get(new AccessTokens(redis.store(), redis.secretKeys(), clock, settings, List::of)
                .issue(client, Optional.empty())).text().secret());

        JwtTokens.Shown jwt = get(
                new JwtTokens(redis.store(), AmpleStorage.lists(redis.store()), redis.secretKeys(), clock, settings)
                        .create(ACCOUNT,
                                "jwt", Set.of(new ApiId("devices")), Set.of(FLEET.id()), Optional.empty(),
                                Limits.NONE));
        ObjectNode key = JSON.createObjectNode().put("secret_id", jwt.listed().token().secretId()).put("secret",
                jwt.secret().orElseThrow().secret());
        long now = Instant.now().getEpochSecond();
        bearer(Call.JWT, ClientTokens.signed(key,
                "{\"iat\":" + now + ",\"exp\":" + (now + 3600) + ",\"sub\":\"" + FLEET.id() + "\"}"));
    }

    private static String apiKey(ApiKeys keys, Permission permission) {
        if (get(keys.create(ACCOUNT, "key", List.of(permission))) instanceof ApiKeys.Creation.Created(var shown)) {
            return shown.secret().secret();
        }
        throw new IllegalStateException("the account takes no key");
    }

    private static Permission.Resource stream(String id) {
        return new Permission.Resource(LAMP, Optional.of(new StreamId(id)));
    }

    private static List<Rule> rules(DeviceSet devices) {
        return List.of(new Rule(new ApiSet.Every(), EnumSet.of(Action.GET), devices, new StreamSet.WholeDevice()));
    }

    private void bearer(Call call, String credential) {
        headers.put(call, "Bearer " + credential);
    }

    private static void makeDevices(Devices devices, LicenseManagement licenses) {
        get(devices.add(ACCOUNT, List.of("lamp-1001", "lamp-1002", "lamp-1003").stream()
                .map(id -> new NewDevice(new DeviceId(id), "", Optional.empty(), Optional.empty())).toList(),
                Devices.newMark()));
        get(licenses.change(ACCOUNT, new LicenseManagement.Change(Optional.of(License.Plan.PAID), OptionalInt.of(10),
                OptionalInt.empty(), Optional.empty(), Optional.empty())));
    }

    private void makeOnce(Call call) {
        AccessDecision decision = decision(call);
        if (decision instanceof AccessDecision.Allowed != call.allowed) {
            throw new IllegalStateException(call + ": " + decision);
        }
    }

    /** Fetches what memory lacks, as the access filter does. */
    Answer fetch(Answer first) {
        Answer answer = first;
        while (!(answer instanceof Answer.Decided)) {
            answer = switch (answer) {
                case Answer.NeedsStore lacking -> get(gate.askStore(NOWHERE, lacking));
                case Answer.NeedsSeat lacking -> get(gate.takeSeat(lacking));
                case Answer.NeedsBody _ -> throw new IllegalStateException("no call of these has a body");
                case Answer.Decided decided -> decided;
            };
        }
        return answer;
    }

    /** The values of the header Authorization. */
    List<String> credential(Call call) {
        return List.of(headers.getOrDefault(call, ""));
    }

    /** The reading of a call, from its method and target. */
    Reading.Read read(Call call) {
        return (Reading.Read) catalog.read(call.method, TargetParser.parse(call.target), _ -> List.of());
    }

    /** Decides who calls, and whether they may, from the values of the header and the reading. */
    Answer decide(List<String> authorization, Reading.Read read) {
        Question question = Question.of(read);
        return gate.answer(authenticator.authenticateNow(Presentation.read(
                name -> name.equals(CredentialHeader.AUTHORIZATION.headerName()) ? authorization : null),
                question.patience()), question, NOWHERE);
    }

    /** The decision of a call, made from memory alone, as soon as the gate is sure of what it remembers. */
    AccessDecision decision(Call call) {
        long end = System.nanoTime() + TestRedis.LIMIT.toNanos();
        Answer answer = decide(credential(call), read(call));
        while (System.nanoTime() - end < 0) {
            if (answer instanceof Answer.Decided(var decision, var _)) {
                return decision;
            }
            fetch(answer);
            answer = decide(credential(call), read(call));
        }
        throw new IllegalStateException(call + " was not decided from memory");
    }

    @Override
    public void close() {
        workers.close();
        redis.close();
    }
}
