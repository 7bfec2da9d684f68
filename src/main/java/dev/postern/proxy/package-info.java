/**
 * The chain, which forwards all calls that the express lane does not take: the access filter, the denial writer, header
 * filtering, and routes made from the catalogue.
 */
@NullMarked
package dev.postern.proxy;

import org.jspecify.annotations.NullMarked;
