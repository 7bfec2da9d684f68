package dev.postern.management.contract;

/**
 * A query parameter, header or path variable of a call. Only path variables are declared as required.
 *
 * @param description a sentence
 */
public record Parameter(String name, Shape shape, String description) {}
