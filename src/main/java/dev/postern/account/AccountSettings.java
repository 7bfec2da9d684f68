package dev.postern.account;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of an account: {@code postern.accounts.*}.
 *
 * @param maxStoredBytes How much an account may store: API keys, tokens, applications with their authcodes, projects,
 *     users and blocked subjects. Devices and terminals have bounds of their own.
 */
public record AccountSettings(@DefaultValue("16MB") DataSize maxStoredBytes) {
    public AccountSettings {
        if (maxStoredBytes.toBytes() < 1) {
            throw new IllegalArgumentException("postern.accounts.max-stored-bytes must be at least 1B");
        }
    }
}
