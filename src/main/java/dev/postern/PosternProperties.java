package dev.postern;

import dev.postern.account.AccountSettings;
import dev.postern.audit.AuditSettings;
import dev.postern.authentication.IssuerSettings;
import dev.postern.backend.BackendSettings;
import dev.postern.call.ExpressSettings;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.RequestLogSettings;
import dev.postern.catalog.ApiDefinition;
import dev.postern.console.ConsoleSettings;
import dev.postern.credential.TokenSettings;
import dev.postern.decision.RecentDecisionsSettings;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.DrainSettings;
import dev.postern.license.LicenseSettings;
import dev.postern.protocol.oauth.OAuthSettings;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.reload.ReloadSettings;
import dev.postern.store.CacheSettings;
import dev.postern.store.ListingSettings;
import dev.postern.store.OutageSettings;
import dev.postern.store.SecretKeysSettings;
import dev.postern.store.StoreSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * All settings of the gate. A setting that is not listed here stops the gate from starting, so that a misspelt one is
 * noticed. Environment variables and system properties are exempt; others use them, too.
 *
 * @param dataDir The folder for the gate's own files: operator token, secret keys, and the data of the embedded Redis.
 * @param operatorToken The token of the management API. It should have at least 16 characters. If it is not set, the
 *     gate writes one to {@code <data-dir>/operator-token}.
 * @param backend The address, {@code http(s)://host[:port]}, of the backend of every API that does not name its own.
 * @param backends Backends that need more than an address, such as a client certificate.
 * @param demo Whether to create the sample account, and the sample backend if {@code postern.backend} is not set. If
 *     {@code postern.demo} is not set, the demo runs only with the embedded Redis and without {@code postern.backend}.
 * @param secretKeys The secret keys that protect the credentials in Redis.
 * @param store The connections to Redis. The address of Redis is in {@code spring.data.redis.*}.
 * @param cache The near cache of Redis records.
 * @param outage How long the gate keeps deciding from the near cache while Redis is down.
 * @param forwarding Forwarding to backends: timeouts, connections and bounds.
 * @param express The express lane.
 * @param requestLog The request log: one line of JSON for each call.
 * @param cors Access from web pages of other origins (CORS). If no origin is allowed, CORS headers are left to the
 *     backends.
 * @param drain How the gate stops.
 * @param reload When the settings are read again.
 * @param listing Bounds of the lists that {@code /keys} and the management API read from Redis.
 * @param accounts Bounds of an account.
 * @param recentDecisions The recent decisions that a gate keeps in memory, to replay them under changed rules.
 * @param audit The audit log.
 * @param console The web console on the management port.
 * @param onenet Bounds of {@code /keys}.
 * @param oauth The OAuth endpoints.
 * @param tokens How tokens are issued and verified.
 * @param issuers External issuers whose tokens the gate accepts.
 * @param license Devices and licenses.
 * @param apis The API catalogue.
 */
@ConfigurationProperties(prefix = "postern", ignoreUnknownFields = false)
public record PosternProperties(@DefaultValue("./data") String dataDir, @Nullable String operatorToken,
        @Nullable String backend, @DefaultValue Map<String, BackendSettings> backends, @Nullable Boolean demo,
        @NestedConfigurationProperty @DefaultValue SecretKeysSettings secretKeys,
        @NestedConfigurationProperty @DefaultValue StoreSettings store,
        @NestedConfigurationProperty @DefaultValue CacheSettings cache,
        @NestedConfigurationProperty @DefaultValue OutageSettings outage,
        @NestedConfigurationProperty @DefaultValue ForwardingSettings forwarding,
        @NestedConfigurationProperty @DefaultValue ExpressSettings express,
        @NestedConfigurationProperty @DefaultValue RequestLogSettings requestLog,
        @NestedConfigurationProperty @DefaultValue CorsSettings cors,
        @NestedConfigurationProperty @DefaultValue DrainSettings drain,
        @NestedConfigurationProperty @DefaultValue ReloadSettings reload,
        @NestedConfigurationProperty @DefaultValue ListingSettings listing,
        @NestedConfigurationProperty @DefaultValue AccountSettings accounts,
        @NestedConfigurationProperty @DefaultValue RecentDecisionsSettings recentDecisions,
        @NestedConfigurationProperty @DefaultValue AuditSettings audit,
        @NestedConfigurationProperty @DefaultValue ConsoleSettings console,
        @NestedConfigurationProperty @DefaultValue OneNetSettings onenet,
        @NestedConfigurationProperty @DefaultValue OAuthSettings oauth,
        @NestedConfigurationProperty @DefaultValue TokenSettings tokens,
        @DefaultValue Map<String, IssuerSettings> issuers,
        @NestedConfigurationProperty @DefaultValue LicenseSettings license,
        @DefaultValue Map<String, ApiDefinition> apis) {}
