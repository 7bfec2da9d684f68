/**
 * Redis, and what a gate remembers of it. Knows no feature's key names.
 *
 * <ul>
 * <li>The connection: {@link dev.postern.store.RedisStore}, its guards, scripts, and the embedded server.
 * <li>What is remembered: {@link dev.postern.store.NearCache} holds it, {@link dev.postern.store.ReadThrough} reads what is
 * missing.
 * <li>Why it is right: whoever changes something says so in the {@link dev.postern.store.ChangeLog}; each gate's
 * {@link dev.postern.store.ChangeFollower} makes its {@link dev.postern.store.ChangeView} know, by which all that is remembered is
 * judged. docs/concepts/near-cache.md explains the rules.
 * <li>Who knows it: {@link dev.postern.store.Gates} of other gates, {@link dev.postern.store.Replication} of the replicas.
 * <li>Secrets: {@link dev.postern.store.SecretKeys} seals what is stored.
 * </ul>
 */
@NullMarked
package dev.postern.store;

import org.jspecify.annotations.NullMarked;
