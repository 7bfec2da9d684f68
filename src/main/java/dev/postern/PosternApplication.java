package dev.postern;

import dev.postern.call.CallConfiguration;
import dev.postern.demo.DemoConfiguration;
import dev.postern.express.ExpressConfiguration;
import dev.postern.inbound.InboundConfiguration;
import dev.postern.protocol.ProtocolConfiguration;
import dev.postern.protocol.juying.JuyingConfiguration;
import dev.postern.protocol.lingju.LingjuConfiguration;
import dev.postern.protocol.oauth.OAuthConfiguration;
import dev.postern.protocol.onenet.OneNetConfiguration;
import dev.postern.proxy.ProxyConfiguration;
import dev.postern.proxy.websocket.WebSocketConfiguration;
import dev.postern.store.StoreConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.context.annotation.Import;

/**
 * The gate. Its parts are listed here instead of being found by a component scan, so that the public port cannot pick
 * up anything that belongs to the management port.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = {DataRedisReactiveAutoConfiguration.class,
        DataRedisRepositoriesAutoConfiguration.class, DataRedisHealthContributorAutoConfiguration.class,
        DataRedisReactiveHealthContributorAutoConfiguration.class,
        // The gate has its own JSON mapper. This configuration would read all classes at each start, to find mixins.
        JacksonAutoConfiguration.class})
@Import({SettingsConfiguration.class, GateConfiguration.class, RoutingConfiguration.class, ReloadConfiguration.class,
        AccountConfiguration.class,
        CredentialConfiguration.class, ApplicationConfiguration.class, OperatorConfiguration.class,
        OidcConfiguration.class, KeyHolderPageConfiguration.class, AuthenticationConfiguration.class,
        DecisionConfiguration.class,
        LicenseConfiguration.class, UsageConfiguration.class, MetersConfiguration.class,
        TrafficMetersConfiguration.class,
        StoreConfiguration.class, InboundConfiguration.class, CallConfiguration.class, ExpressConfiguration.class,
        ProxyConfiguration.class, WebSocketConfiguration.class,
        ProtocolConfiguration.class, OneNetConfiguration.class, OAuthConfiguration.class, JuyingConfiguration.class,
        LingjuConfiguration.class, TransferConfiguration.class, DemoConfiguration.class, StartUp.class})
public class PosternApplication {
    public static void main(String[] args) {
        NettyDefaults.apply();
        SpringApplication.run(PosternApplication.class, args);
    }
}
