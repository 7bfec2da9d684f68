package dev.postern.console;

import dev.postern.oidc.OidcSettings;
import java.time.Duration;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The web console on the management port.
 *
 * @param enabled Whether there is a console.
 * @param sessionIdle A session ends when it has not been used for this long.
 * @param sessionLife A session ends after this time, even if it is in use.
 * @param localSignIn Whether operators can sign in to the console with a name and a password. Only with {@code oidc}
 *     can it be switched off.
 * @param keyHolderPageOnPublicPort Whether {@code /me}, the page of the holders of master keys, is on the public port,
 *     too. The management port always has it.
 * @param oidc Sign-in with an identity provider (OpenID Connect).
 */
public record ConsoleSettings(@DefaultValue("true") boolean enabled, @DefaultValue("30m") Duration sessionIdle,
        @DefaultValue("12h") Duration sessionLife, @DefaultValue("true") boolean localSignIn,
        @DefaultValue("false") boolean keyHolderPageOnPublicPort,
        @NestedConfigurationProperty @DefaultValue OidcSettings oidc) {
    public ConsoleSettings {
        require(sessionIdle, "session-idle", Duration.ofMinutes(1));
        require(sessionLife, "session-life", Duration.ofMinutes(5));
        if (keyHolderPageOnPublicPort && !enabled) {
            throw new IllegalArgumentException(
                    "postern.console.key-holder-page-on-public-port needs postern.console.enabled");
        }
        if (!localSignIn && !oidc.isOn()) {
            throw new IllegalArgumentException(
                    "postern.console.local-sign-in is false without postern.console.oidc: nobody could sign in");
        }
    }

    private static void require(Duration value, String name, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("postern.console." + name + " must be from " + least.toMinutes()
                    + " minutes to 30 days, and is " + value);
        }
    }
}
