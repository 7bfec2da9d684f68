package dev.postern.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/** An identity provider: Spring Authorization Server in Tomcat. Its user names and passwords are equal. */
public final class AuthorizationServer implements AutoCloseable {
    public static final String CLIENT = "postern at the provider";
    public static final String SECRET = "the secret/of+the gate%";

    /** The groups of each user. */
    private static final Map<String, List<String>> USERS = Map.of("ada", List.of("readers", "Gate Admins"), "vera",
            List.of("readers"), "eve", List.of("others"), "nobody", List.of());

    private final Tomcat tomcat = new Tomcat();
    private final AnnotationConfigWebApplicationContext context = new AnnotationConfigWebApplicationContext();
    private final RSAKey key = newKey("published");
    private final RSAKey unpublished = newKey("unpublished");
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Fault fault = Fault.NONE;

    /** What the provider does wrong. */
    public enum Fault {
        NONE,
        /** The ID token has the wrong nonce. */
        NONCE,
        /** The ID token is for another client. */
        AUDIENCE,
        /** The ID token was issued for another client, and for this one, too. */
        AUTHORIZED_PARTY,
        /** The ID token has expired. */
        EXPIRED,
        /** The ID token names the wrong issuer. */
        ISSUER,
        /** The ID token is signed with a key that is not published. */
        KEY,
        /** The token endpoint fails. */
        FAILING,
        /** The token endpoint does not answer. */
        HANGING
    }

    public AuthorizationServer() {
        try {
            tomcat.setBaseDir(Files.createTempDirectory(Path.of("target"), "provider-").toAbsolutePath().toString());
            tomcat.setHostname("localhost");
            tomcat.setPort(0);
            tomcat.getConnector().setProperty("address", "127.0.0.1");
            Context web = tomcat.addContext("", null);
            web.addServletContainerInitializer((_, servletContext) -> {
                context.setServletContext(servletContext);
                context.addBeanFactoryPostProcessor(factory -> factory.registerSingleton("provider", this));
                context.register(Provider.class);
                context.refresh();
                addFilter(web, "faults", this::fail);
                addFilter(web, "security", context.getBean("springSecurityFilterChain", Filter.class));
            }, null);
            Tomcat.addServlet(web, "nothing", new HttpServlet() {
                private static final long serialVersionUID = 1L;
            });
            web.addServletMapping("/", "nothing");
            tomcat.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void addFilter(Context web, String name, Filter filter) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        web.addFilterDef(definition);
        FilterMap everywhere = new FilterMap();
        everywhere.setFilterName(name);
        everywhere.addURLPattern("/*");
        web.addFilterMap(everywhere);
    }

    private void fail(ServletRequest request, ServletResponse response,
            FilterChain chain) throws IOException, ServletException {
        boolean token = ((HttpServletRequest) request).getRequestURI().equals("/oauth2/token");
        if (token && fault == Fault.FAILING) {
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } else if (token && fault == Fault.HANGING) {
            try {
                closing.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        } else {
            chain.doFilter(request, response);
        }
    }

    /** Its host is not that of the gate: to a browser, the two are different sites. */
    public String issuer() {
        return "http://localhost:" + tomcat.getConnector().getLocalPort();
    }

    public void setFault(Fault next) {
        fault = next;
    }

    private static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JWKSource<SecurityContext> source(RSAKey key) {
        return new ImmutableJWKSet<>(new JWKSet(key));
    }

    private void spoil(JwtEncodingContext token) {
        if (!token.getTokenType().getValue().equals("id_token")) {
            return;
        }
        String user = token.getPrincipal().getName();
        token.getClaims().claim("realm", Map.of("groups", USERS.getOrDefault(user, List.of())))
                .claim("preferred_username", "The one called " + user);
        switch (fault) {
            case NONCE -> token.getClaims().claim("nonce", "forged");
            case AUDIENCE -> token.getClaims().audience(List.of("another"));
            case AUTHORIZED_PARTY ->
                token.getClaims().audience(List.of(CLIENT, "another")).claim("azp", "another");
            case EXPIRED -> token.getClaims().issuedAt(Instant.now().minusSeconds(7200))
                    .expiresAt(Instant.now().minusSeconds(3600));
            case ISSUER -> token.getClaims().issuer("http://localhost:1");
            case NONE, KEY, FAILING, HANGING -> {
            }
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            tomcat.stop();
            tomcat.destroy();
            context.close();
        } catch (LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Configuration
    @EnableWebSecurity
    static class Provider {
        @Bean
        SecurityFilterChain chain(HttpSecurity http) throws Exception {
            return http.oauth2AuthorizationServer(server -> server.oidc(Customizer.withDefaults()))
                    .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .csrf(csrf -> csrf.disable()).formLogin(Customizer.withDefaults()).build();
        }

        @Bean
        RegisteredClientRepository clients() {
            return new InMemoryRegisteredClientRepository(RegisteredClient.withId(UUID.randomUUID().toString())
                    .clientId(CLIENT).clientSecret("{noop}" + SECRET)
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                    .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                    // For an address of this machine, any port is accepted.
                    .redirectUri("http://127.0.0.1/login/oidc/callback").scope("openid").scope("profile")
                    .clientSettings(ClientSettings.builder().requireProofKey(true).build()).build());
        }

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(USERS.keySet().stream()
                    .map(name -> User.withUsername(name).password("{noop}" + name).authorities("USER").build())
                    .toList());
        }

        @Bean
        JWKSource<SecurityContext> keys(AuthorizationServer provider) {
            return source(provider.key);
        }

        @Bean
        JwtDecoder decoder(JWKSource<SecurityContext> keys) {
            return OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
        }

        @Bean
        JwtEncoder encoder(AuthorizationServer provider) {
            JwtEncoder right = new NimbusJwtEncoder(source(provider.key));
            JwtEncoder wrong = new NimbusJwtEncoder(source(provider.unpublished));
            return parameters -> (provider.fault == Fault.KEY ? wrong : right).encode(parameters);
        }

        @Bean
        OAuth2TokenCustomizer<JwtEncodingContext> customizer(AuthorizationServer provider) {
            return provider::spoil;
        }

        @Bean
        AuthorizationServerSettings settings() {
            return AuthorizationServerSettings.builder().build();
        }
    }
}
