package dev.postern.operator;

import java.time.Instant;

/**
 * An operator who is signed in to the console.
 *
 * @param operator the name of the operator
 * @param signedAs a keyed hash of the operator and the password that signed in: it differs for a later operator of the
 *                 same name, and after a change of the password
 * @param created  when the session began
 * @param csrf     must come with every form
 */
public record Session(String operator, String signedAs, Instant created, String csrf) {}
