package dev.postern;

import dev.postern.call.ExpressSettings;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.RequestLogSettings;
import dev.postern.credential.TokenSettings;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.DrainSettings;
import dev.postern.license.LicenseSettings;
import dev.postern.protocol.oauth.OAuthSettings;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.store.CacheSettings;
import dev.postern.store.ListingSettings;
import dev.postern.store.OutageSettings;
import dev.postern.store.SecretKeysSettings;
import dev.postern.store.StoreSettings;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Provides each part with its settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PosternProperties.class)
class SettingsConfiguration {
    @Bean
    SecretKeysSettings secretKeysSettings(PosternProperties properties) {
        return properties.secretKeys();
    }

    @Bean
    StoreSettings storeSettings(PosternProperties properties) {
        return properties.store();
    }

    @Bean
    ListingSettings listingSettings(PosternProperties properties) {
        return properties.listing();
    }

    @Bean
    CacheSettings cacheSettings(PosternProperties properties) {
        return properties.cache();
    }

    @Bean
    OutageSettings outageSettings(PosternProperties properties) {
        return properties.outage();
    }

    @Bean
    ForwardingSettings forwardingSettings(PosternProperties properties) {
        return properties.forwarding();
    }

    @Bean
    ExpressSettings expressSettings(PosternProperties properties) {
        return properties.express();
    }

    @Bean
    RequestLogSettings requestLogSettings(PosternProperties properties) {
        return properties.requestLog();
    }

    @Bean
    DrainSettings drainSettings(PosternProperties properties) {
        return properties.drain();
    }

    @Bean
    CorsSettings corsSettings(PosternProperties properties) {
        return properties.cors();
    }

    @Bean
    OneNetSettings oneNetSettings(PosternProperties properties) {
        return properties.onenet();
    }

    @Bean
    OAuthSettings oauthSettings(PosternProperties properties) {
        return properties.oauth();
    }

    @Bean
    TokenSettings tokenSettings(PosternProperties properties) {
        return properties.tokens();
    }

    @Bean
    LicenseSettings licenseSettings(PosternProperties properties) {
        return properties.license();
    }
}
