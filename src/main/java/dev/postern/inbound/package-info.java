/** The connections of clients: what is checked and mended on them before the web framework sees a request. */
@org.jspecify.annotations.NullMarked
package dev.postern.inbound;
