package dev.postern;

import dev.postern.account.AccountSettings;
import dev.postern.authentication.IssuerSettings;
import dev.postern.backend.BackendSettings;
import dev.postern.catalog.ApiDefinition;
import dev.postern.credential.TokenSettings;
import dev.postern.inbound.CorsSettings;
import dev.postern.license.LicenseSettings;
import dev.postern.protocol.oauth.OAuthSettings;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.proxy.ForwardingSettings;
import dev.postern.store.CacheSettings;
import dev.postern.store.ListingSettings;
import dev.postern.store.OutageSettings;
import dev.postern.store.SecretKeysSettings;
import dev.postern.store.StoreSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * All settings of the gate. A setting that is not among them ends the start, so that a misspelt one is not taken for set; of
 * environment variables, which are not the gate's alone, that is not known.
 *
 * @param dataDir       folder of the gate's own files
 * @param operatorToken token of the management API; generated into {@code <data-dir>/operator-token} when left out
 * @param backend       address of the backend of every API that names none of its own
 * @param backends      how backends are reached that need more than an address
 * @param demo          whether the sample backend and data are there; when left out, with the embedded Redis and without a backend
 * @param secretKeys    where the secret keys are
 * @param store         how Redis is used
 * @param cache         what the gate remembers of Redis
 * @param outage        how long decisions go on without Redis
 * @param forwarding    how calls are handed on
 * @param listing       how many lists are read at a time
 * @param accounts      how much an account may store
 * @param cors          which web pages may call from a browser
 * @param onenet        bounds of {@code /keys}
 * @param oauth         what {@code /oauth} says of itself
 * @param tokens        how tokens are issued and verified
 * @param issuers       external issuers whose tokens are taken
 * @param license       which devices are licensed
 * @param apis          the API catalogue
 */
@ConfigurationProperties(prefix = "postern", ignoreUnknownFields = false)
public record PosternProperties(@DefaultValue("./data") String dataDir, @Nullable String operatorToken,
        @Nullable String backend, @DefaultValue Map<String, BackendSettings> backends, @Nullable Boolean demo,
        @DefaultValue SecretKeysSettings secretKeys,
        @DefaultValue StoreSettings store, @DefaultValue CacheSettings cache, @DefaultValue OutageSettings outage,
        @DefaultValue ForwardingSettings forwarding, @DefaultValue CorsSettings cors,
        @DefaultValue ListingSettings listing, @DefaultValue AccountSettings accounts,
        @DefaultValue OneNetSettings onenet, @DefaultValue OAuthSettings oauth, @DefaultValue TokenSettings tokens,
        @DefaultValue Map<String, IssuerSettings> issuers, @DefaultValue LicenseSettings license,
        @DefaultValue Map<String, ApiDefinition> apis) {}
