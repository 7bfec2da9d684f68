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
 * Remembers what was verified, so that the second use of a credential costs no cryptography. An entry holds every record that
 * the verification read, and counts only while the store says the same: what is revoked, changed or gone is verified anew.
 * Remembers successes only, and of tokens for one use that they were used. Bounded by weight and time.
 */
final class VerifiedCredentials {
    // As CacheFootprint measures it, in bytes.
    /** What an entry takes besides its records. */
    private static final int ENTRY_WEIGHT = 400;
    /** What a character of a record takes as what it was read as, and as text where the memory of records has let go of it. */
    private static final int CHARACTER_WEIGHT = 4;
    /** What a device takes in the permissions of one set of APIs. */
    private static final int DEVICE_WEIGHT = 120;
    private static final int MAX_USED_UP = 100_000;

    private final Cache<TokenDigest, Remembered> entries;
    private final Cache<TokenDigest, Instant> usedUp;
    private final Duration longest;

    /**
     * @param longest  how long an entry counts at most
     * @param maxBytes how much the entries may weigh, in bytes
     */
    VerifiedCredentials(Duration longest, long maxBytes) {
        this.longest = longest;
        this.entries = Caffeine.newBuilder().maximumWeight(maxBytes)
                .weigher((TokenDigest _, Remembered remembered) -> remembered.weight()).recordStats()
                .executor(Runnable::run).build();
        this.usedUp = Caffeine.newBuilder().maximumSize(MAX_USED_UP).executor(Runnable::run).build();
    }

    /** A verification and the records that it read. */
    static final class Remembered implements Authentication.Basis {
        private final List<RecordRef> refs;
        private final StoredRecord[] records;
        private final Verification verification;
        private final Authentication.Verified answer;
        private final long until;

        /** @param until when it ends, in milliseconds from 1970 on */
        Remembered(List<RecordRef> refs, List<StoredRecord> records, Verification verification, long until) {
            this.refs = List.copyOf(refs);
            this.records = records.toArray(StoredRecord[]::new);
            this.verification = verification;
            this.answer = new Authentication.Verified(verification.principal(), verification.credential(), this);
            this.until = until;
        }

        /** What it rests on. */
        List<RecordRef> refs() {
            return refs;
        }

        /** What it came to, if it still counts. */
        Authentication.Verified answer() {
            return answer;
        }

        /** Whether it was for one use, and counts only within the call that used it. */
        boolean isForOneUse() {
            return verification.forOneUse();
        }

        /**
         * Whether it still counts, as far as that is known without asking the store; null where it is not known.
         *
         * @param millis what the clock says, in milliseconds from 1970 on
         */
        @Nullable Boolean holdsNow(RecordSource source, Patience patience, long millis) {
            Boolean asRead = isAsReadNow(source, patience);
            if (asRead == null || !asRead) {
                return asRead;
            }
            return stands(millis);
        }

        /** Whether the records read as they did, as far as that is known without asking the store; null where it is not known. */
        @Nullable Boolean isAsReadNow(RecordSource source, Patience patience) {
            long nanos = source.nanoTime();
            for (int i = 0; i < records.length; i++) {
                StoredRecord present = source.now(refs.get(i), nanos, patience);
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
         * Whether it still counts, now that the records read so.
         *
         * @param millis what the clock says, in milliseconds from 1970 on
         */
        boolean holds(List<StoredRecord> present, long millis) {
            return isAsRead(present) && stands(millis);
        }

        /** Whether these are the records that it rests on. */
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
         * Whether a record reads as it did. If it was read again since, that text is held on to from now on in place of its
         * equal: the memory of records holds it as well, and the next comparison needs no look at the text, which may be long.
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

        @SuppressWarnings("ReferenceEquality") // whether there is anything to compare and to replace
        private static boolean isSame(StoredRecord known, StoredRecord present) {
            return known == present;
        }

        private boolean stands(long millis) {
            return millis < until && verification.stillHolds().getAsBoolean();
        }

        int weight() {
            long characters = 0;
            for (StoredRecord record : records) {
                characters += record.text().map(String::length).orElse(0);
            }
            // Of one record, permissions may name a device for many sets of APIs; those of an issuer's token are in no record.
            return (int) Math.min(Integer.MAX_VALUE, ENTRY_WEIGHT + CHARACTER_WEIGHT * characters
                    + DEVICE_WEIGHT * verification.principal().permissions().size());
        }
    }

    @Nullable Remembered find(TokenDigest digest) {
        return entries.getIfPresent(digest);
    }

    /** Remembers it for the next use of the credential, if that counts; in any case the call that it is of can hold on to it. */
    Remembered remember(TokenDigest digest, Facts facts, Verification verification, Instant now) {
        Instant until = verification.until().isBefore(now.plus(longest)) ? verification.until() : now.plus(longest);
        Remembered known = new Remembered(facts.refs(), facts.records(), verification, until.toEpochMilli());
        if (now.isBefore(until) && !known.isForOneUse()) {
            entries.put(digest, known);
        }
        return known;
    }

    void forget(TokenDigest digest) {
        entries.invalidate(digest);
    }

    /** A token for one use was used; to be known until it ends. */
    void usedUp(TokenDigest digest, Instant until) {
        usedUp.put(digest, until);
    }

    boolean isUsedUp(TokenDigest digest) {
        return usedUp.getIfPresent(digest) != null;
    }

    /** How many are remembered. */
    long size() {
        return entries.estimatedSize();
    }

    /** What they are thought to take, in bytes. */
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
