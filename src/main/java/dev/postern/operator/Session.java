package dev.postern.operator;

import java.time.Instant;

/**
 * An operator who is signed in to the console.
 *
 * @param operator the name of the operator
 * @param signedAs identifies the operator and the password that signed in, without revealing either: another operator
 *                 of the same name, or a new password, is another one
 * @param created  when the session began
 * @param csrf     must come with every form
 */
public record Session(String operator, String signedAs, Instant created, String csrf) {}
