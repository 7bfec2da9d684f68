package dev.postern.operator;

import java.time.Instant;
import java.util.Optional;

/**
 * An operator who is signed in to the console.
 *
 * @param operator the name of the operator, to show
 * @param signedAs a keyed hash of the operator and the password that signed in: it differs for a later operator of the
 *                 same name, and after a change of the password. For an identity, a keyed hash of issuer and subject
 * @param created  when the session began
 * @param csrf     must come with every form
 * @param identity who signed in with the identity provider; empty for an operator with a password
 */
public record Session(String operator, String signedAs, Instant created, String csrf, Optional<Identity> identity) {}
