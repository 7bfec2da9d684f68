/** Tiny applications of peers: Spring Cloud Gateway with and without a check of tokens, and the proxy of Vert.x. */
package dev.postern.loadtest.peers;
