package dev.postern.account;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of an account: {@code postern.accounts.*}.
 *
 * @param maxStoredBytes how much its credentials, projects, users, authcodes and blocked subjects may take together
 */
public record AccountSettings(@DefaultValue("16MB") DataSize maxStoredBytes) {
    public AccountSettings {
        if (maxStoredBytes.toBytes() < 1) {
            throw new IllegalArgumentException("postern.accounts.max-stored-bytes must be at least 1B");
        }
    }
}
