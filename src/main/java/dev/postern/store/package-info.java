/**
 * The connection to Redis, and the cache of its records. This package knows no feature's key names.
 *
 * <ul>
 * <li>The connection: {@link dev.postern.store.RedisStore}, its guards, scripts, and the embedded server.
 * <li>The cache: {@link dev.postern.store.NearCache} holds the records, {@link dev.postern.store.ReadThrough} reads
 * missing ones.
 * <li>Its invalidation: code that changes a record logs the change in the {@link dev.postern.store.ChangeLog}. Each
 * gate's {@link dev.postern.store.ChangeFollower} reads the log and updates its {@link dev.postern.store.ChangeView},
 * which decides whether cached records are valid. docs/concepts/near-cache.md explains the rules.
 * <li>Receipts: {@link dev.postern.store.Gates} tells which gates know a change, {@link dev.postern.store.Replication}
 * how many replicas have it.
 * <li>Secrets: {@link dev.postern.store.SecretKeys} encrypts stored secrets and computes their index.
 * </ul>
 */
@NullMarked
package dev.postern.store;

import org.jspecify.annotations.NullMarked;
