package dev.postern.management.contract;

/**
 * A parameter of a query, which may be left out.
 *
 * @param description a sentence
 */
public record Parameter(String name, Shape shape, String description) {}
