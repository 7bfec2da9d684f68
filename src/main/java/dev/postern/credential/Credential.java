package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Permissions;

/** A credential as it is stored: one record a kind, so that a new kind breaks each switch that forgot it. */
public sealed interface Credential permits MasterKey, ApiKey {
    AccountId account();

    /** What it may do. */
    Permissions permissions();
}
