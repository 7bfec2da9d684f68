package dev.postern.authentication;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.store.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cache of verified credentials, so that the second use of a credential costs no cryptography. An entry holds every
 * record that the verification read, and is valid only while the store has the same records: a credential that was
 * revoked, changed or deleted is verified again. Refusals are not cached, but the gate remembers which one-time tokens
 * were used. The weight of all entries is bounded, and so is the time for which one is valid.
 */
final class VerifiedCredentials {
    // In bytes, as measured by CacheFootprint.
    /** The size of an entry without its records. */
    private static final int ENTRY_WEIGHT = 400;
    /**
     * The size of one character of a record, in its decoded form and in its text. The text counts, too, because the
     * record cache, which shares it, may evict it.
     */
    private static final int CHARACTER_WEIGHT = 4;
    /** The size of a device in the permissions for one set of APIs. */
    private static final int DEVICE_WEIGHT = 120;
    private static final int MAX_USED = 100_000;

    private final Cache<TokenDigest, Remembered> entries;
    private final Cache<TokenDigest, Instant> used;
    private final Duration longest;

    /**
     * @param longest  how long an entry is valid at most
     * @param maxBytes the maximum weight of all entries, in bytes
     */
    VerifiedCredentials(Duration longest, long maxBytes) {
        this.longest = longest;
        this.entries = Caffeine.newBuilder().maximumWeight(maxBytes)
                .weigher((TokenDigest _, Remembered remembered) -> remembered.weight()).recordStats()
                .executor(Runnable::run).build();
        this.used = Caffeine.newBuilder().maximumSize(MAX_USED).executor(Runnable::run).build();
    }

    /** A verification and the records that it read. */
    static final class Remembered implements Authentication.Basis {
        private final List<RecordRef> refs;
        private final StoredRecord[] records;
        private final Verification verification;
        private final Authentication.Verified answer;
        private final long until;

        /** @param until when it expires, in milliseconds since 1970 */
        Remembered(List<RecordRef> refs, List<StoredRecord> records, Verification verification, long until) {
            this.refs = List.copyOf(refs);
            this.records = records.toArray(StoredRecord[]::new);
            this.verification = verification;
            this.answer = new Authentication.Verified(verification.principal(), verification.credential(), this);
            this.until = until;
        }

        /** The records it depends on. */
        List<RecordRef> refs() {
            return refs;
        }

        /** The result of the verification. Only meaningful while the entry is valid. */
        Authentication.Verified answer() {
            return answer;
        }

        /** Whether the token can be used only once, so that the entry is valid only within the call that used it. */
        boolean isForOneUse() {
            return verification.forOneUse();
        }

        /**
         * Whether the entry is still valid; null if the records are not in memory and the store must be asked.
         *
         * @param millis the current time in milliseconds since 1970
         */
        @Nullable Boolean isValidNow(RecordSource source, Patience patience, long millis) {
            Boolean asRead = isAsReadNow(source, patience);
            if (asRead == null || !asRead) {
                return asRead;
            }
            return isValidApartFromRecords(millis);
        }

        /** Whether the records are unchanged; null if the store must be asked. */
        @Nullable Boolean isAsReadNow(RecordSource source, Patience patience) {
            long nanos = source.nanoTime();
            for (int i = 0; i < records.length; i++) {
                StoredRecord present = source.getIfUsable(refs.get(i), nanos, patience);
                if (present == null) {
                    return null;
                }
                if (!isStill(i, present)) {
                    return false;
                }
            }
            return true;
        }

        /**
         * Whether the entry is still valid, given the current records.
         *
         * @param millis the current time in milliseconds since 1970
         */
        boolean isValid(List<StoredRecord> present, long millis) {
            return isAsRead(present) && isValidApartFromRecords(millis);
        }

        /** Whether these are equal to the records it depends on. */
        boolean isAsRead(List<StoredRecord> present) {
            if (present.size() != records.length) {
                return false;
            }
            for (int i = 0; i < records.length; i++) {
                if (!isStill(i, present.get(i))) {
                    return false;
                }
            }
            return true;
        }

        /**
         * Whether a record is unchanged. A record that was read again replaces the known one if they are equal. So
         * only one copy of the text, which may be long, stays in memory, and the next comparison is one of references.
         */
        private boolean isStill(int index, StoredRecord present) {
            StoredRecord known = records[index];
            if (isSame(known, present)) {
                return true;
            }
            if (!known.equals(present)) {
                return false;
            }
            records[index] = present;
            return true;
        }

        @SuppressWarnings("ReferenceEquality") // identity means that there is nothing to compare or replace
        private static boolean isSame(StoredRecord known, StoredRecord present) {
            return known == present;
        }

        private boolean isValidApartFromRecords(long millis) {
            return millis < until && verification.stillHolds().getAsBoolean();
        }

        int weight() {
            long characters = 0;
            for (StoredRecord record : records) {
                characters += record.text().map(String::length).orElse(0);
            }
            // The permissions from one record can name a device for many sets of APIs, and the permissions of an
            // issuer's token are in no record.
            return (int) Math.min(Integer.MAX_VALUE, ENTRY_WEIGHT + CHARACTER_WEIGHT * characters
                    + DEVICE_WEIGHT * verification.principal().permissions().size());
        }
    }

    @Nullable Remembered find(TokenDigest digest) {
        return entries.getIfPresent(digest);
    }

    /**
     * Caches the verification for the next use of the credential, unless it is a one-time token. The current call can
     * use the returned entry in any case.
     */
    Remembered remember(TokenDigest digest, VerificationRecords read, Verification verification, Instant now) {
        Instant until = verification.until().isBefore(now.plus(longest)) ? verification.until() : now.plus(longest);
        Remembered known = new Remembered(read.refs(), read.records(), verification, until.toEpochMilli());
        if (now.isBefore(until) && !known.isForOneUse()) {
            entries.put(digest, known);
        }
        return known;
    }

    void forget(TokenDigest digest) {
        entries.invalidate(digest);
    }

    /** Remembers that a one-time token was used, until there are too many of them. */
    void markUsed(TokenDigest digest, Instant until) {
        used.put(digest, until);
    }

    boolean isUsed(TokenDigest digest) {
        return used.getIfPresent(digest) != null;
    }

    /** The number of entries. */
    long size() {
        return entries.estimatedSize();
    }

    /** Their estimated size in bytes. */
    long bytes() {
        return entries.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
    }

    long hits() {
        return entries.stats().hitCount();
    }

    long misses() {
        return entries.stats().missCount();
    }
}
