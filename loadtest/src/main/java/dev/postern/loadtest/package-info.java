/**
 * Compares what a call costs at Postern and at its peers: the same backend, the same load, the same machine, in turns.
 * {@link dev.postern.loadtest.Compare} is where it begins.
 */
package dev.postern.loadtest;
