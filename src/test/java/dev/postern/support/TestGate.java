package dev.postern.support;

import static org.awaitility.Awaitility.await;

import dev.postern.PosternApplication;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.StoreState;
import dev.postern.support.RawHttp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerInitializedEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A whole gate on free ports, with its own data folder, and the calls that tests make of it. */
public final class TestGate implements AutoCloseable {
    public static final String OPERATOR_TOKEN = "the-operator-token-of-the-tests";
    private static final String EXPRESS = "test.express";
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Set<TestGate> OPEN = ConcurrentHashMap.newKeySet();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ConfigurableApplicationContext context;

    private final ApplicationContext management;

    private TestGate(ConfigurableApplicationContext context, ApplicationContext management) {
        this.context = context;
        this.management = management;
        OPEN.add(this);
    }

    /** The gate that has this port; empty if this process has none. */
    static Optional<TestGate> ofPort(int port) {
        return OPEN.stream().filter(gate -> gate.port() == port || gate.managementPort() == port).findAny();
    }

    /** Whether gates have their express lane, which {@code -Dtest.express=false} turns off. */
    public static boolean usesExpressLane() {
        return !"false".equals(System.getProperty(EXPRESS));
    }

    /** Starts a gate without the demo, unless the properties say otherwise. */
    public static TestGate start(Class<?>[] besides, String... properties) {
        QuickTests.mustNotBeRunning();
        try {
            Map<String, String> arguments = new LinkedHashMap<>(
                    Map.of("server.port", "0", "management.server.port", "0",
                            "postern.demo", "false", "postern.operator-token", OPERATOR_TOKEN,
                            // Most tests do not need licenses; the others switch them on.
                            "postern.license.enabled", "false",
                            // A busy machine is no outage; the tests of outages set their own.
                            "postern.store.command-timeout", "1s",
                            "postern.store.management.command-timeout", "3s", "postern.data-dir",
                            Files.createTempDirectory(Path.of("target"), "gate-").toAbsolutePath().toString()));
            String lane = System.getProperty(EXPRESS);
            if (lane != null) {
                arguments.put("postern.express.enabled", lane);
            }
            for (String property : properties) {
                int equals = property.indexOf('=');
                arguments.put(property.substring(0, equals), property.substring(equals + 1));
            }
            Class<?>[] sources = new Class<?>[besides.length + 1];
            sources[0] = PosternApplication.class;
            System.arraycopy(besides, 0, sources, 1, besides.length);
            // Spring Boot sets up the logging of the whole process at each start, and cannot do it twice at a time.
            synchronized (TestGate.class) {
                AtomicReference<ApplicationContext> management = new AtomicReference<>();
                ApplicationListener<ReactiveWebServerInitializedEvent> listener = started -> {
                    if ("management".equals(started.getApplicationContext().getServerNamespace())) {
                        management.set(started.getApplicationContext());
                    }
                };
                ConfigurableApplicationContext context = new SpringApplicationBuilder(sources).listeners(listener)
                        .run(arguments.entrySet().stream()
                                .map(argument -> "--" + argument.getKey() + "=" + argument.getValue())
                                .toArray(String[]::new));
                return new TestGate(context, management.get());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static TestGate start(String... properties) {
        return start(new Class<?>[0], properties);
    }

    public ConfigurableApplicationContext context() {
        return context;
    }

    /** The context of the management port. */
    public ApplicationContext management() {
        return management;
    }

    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    public int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    public RedisStore redis() {
        return context.getBean(RedisStore.class);
    }

    /** Waits until the gate is sure of all changes. */
    public void awaitLive() {
        await().atMost(LIMIT).until(this::isLive);
    }

    private boolean isLive() {
        return redis().changes().view().state() == StoreState.LIVE && redis().management().isConnected();
    }

    /**
     * Repeats a call until its answer has this status and the gate remembers the records behind it: a gate that is not
     * sure of all changes remembers nothing new.
     */
    public void awaitRemembered(String credential, String method, String target, int status) {
        await().atMost(LIMIT).pollDelay(Duration.ZERO).until(() -> {
            boolean live = isLive();
            long gaps = redis().changes().view().gaps();
            return call(credential, method, target).status() == status && live && isLive()
                    && redis().changes().view().gaps() == gaps;
        });
    }

    /**
     * Makes something, and tries again if that fails: the disk may be too slow for a gate that waits for Redis only
     * briefly.
     */
    public static <T> T patiently(Callable<T> making) {
        return await().atMost(LIMIT).pollDelay(Duration.ZERO).ignoreException(AssertionError.class).until(making,
                _ -> true);
    }

    /** The Redis key under which a credential is found. */
    public String recordOf(String credential) {
        return "postern:credential:" + context.getBean(SecretKeys.class).index("credential", credential);
    }

    /** Calls a device API with a credential. */
    public Reply call(String credential, String method, String target) {
        return call(credential, method, target, "");
    }

    public Reply call(String credential, String method, String target, String body) {
        return RawHttp.call(port(), method, target, body, "api-key: " + credential);
    }

    /** Calls the management API as the operator. */
    public Reply operate(String method, String target, String body, String... headerLines) {
        try {
            return RawHttp.call(managementPort(), method, target, body, Stream.concat(
                    Stream.of("Authorization: Bearer " + OPERATOR_TOKEN), Arrays.stream(headerLines))
                    .toArray(String[]::new));
        } catch (UncheckedIOException failed) {
            if (failed.getCause().getCause() instanceof SocketTimeoutException) {
                throw new AssertionError(method + " " + target + ": " + failed.getCause().getMessage(), failed);
            }
            throw failed;
        }
    }

    /** Makes an account with an ID that no other test uses. */
    public Customer newCustomer() {
        String id = "account-" + NAMES.incrementAndGet();
        Reply made = operate("POST", "/api/v1/accounts", "{\"id\":\"" + id + "\",\"name\":\"Account of a test\"}");
        if (made.status() != 201) {
            throw new AssertionError(made.text());
        }
        return new Customer(id, made.json().required("master_key").stringValue());
    }

    /** An account. */
    public final class Customer {
        private final String account;
        private final String masterKey;

        private Customer(String account, String masterKey) {
            this.account = account;
            this.masterKey = masterKey;
        }

        public String account() {
            return account;
        }

        public String masterKey() {
            return masterKey;
        }

        /** Makes an API key with these permissions, as JSON. */
        public String newKey(String permissions) {
            JsonNode reply = keys("POST", "/keys", "{\"title\":\"of a test\",\"permissions\":" + permissions + "}");
            if (reply.required("errno").intValue() != 0) {
                throw new AssertionError(reply.toString());
            }
            return reply.required("data").required("key").stringValue();
        }

        /** Calls the management API about this account, as the operator. */
        public Reply manage(String method, String rest, String body, String... headerLines) {
            return operate(method, "/api/v1/accounts/" + account + rest, body, headerLines);
        }

        /** Makes something by the management API. */
        public JsonNode make(String rest, String body) {
            Reply made = manage("POST", rest, body);
            if (made.status() != 201) {
                throw new AssertionError(made.text());
            }
            return made.json();
        }

        /** Calls {@code /keys} with the master key. */
        public JsonNode keys(String method, String target, String body) {
            return call(masterKey, method, target, body).json();
        }
    }

    @Override
    public void close() {
        OPEN.remove(this);
        context.close();
    }
}
