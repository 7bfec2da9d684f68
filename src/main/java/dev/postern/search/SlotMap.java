package dev.postern.search;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** Finds the slot of a row by its ID: a hash table of slots that leaves the IDs where they are. Not thread-safe. */
final class SlotMap {
    private static final int FIRST_SIZE = 128;
    private static final int FREE = -1;
    private static final int DELETED = -2;
    /** Unknown to those who choose IDs, so that they cannot choose many with the same hash. */
    private static final long SEED = ThreadLocalRandom.current().nextLong();
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int HALF = 32;
    /** The table is rebuilt, larger if necessary, when three quarters of its places are taken. */
    private static final int QUARTERS = 4;

    private int[] table = empty(FIRST_SIZE);
    private int[] hashes = new int[FIRST_SIZE];
    private int live;
    private int taken;

    /** Compares an ID with that of a slot. */
    interface Comparison {
        boolean isAt(int slot, byte[] id);
    }

    private static int[] empty(int size) {
        int[] table = new int[size];
        Arrays.fill(table, FREE);
        return table;
    }

    private static int hash(byte[] id) {
        long hash = SEED;
        for (byte value : id) {
            hash = (hash ^ value) * MIX;
            hash ^= hash >>> HALF;
        }
        return (int) hash;
    }

    long memory() {
        return 8L * table.length;
    }

    /** The slot of an ID; negative if there is none. */
    int find(byte[] id, Comparison comparison) {
        int hash = hash(id);
        for (int at = hash & (table.length - 1); table[at] != FREE; at = (at + 1) & (table.length - 1)) {
            if (table[at] >= 0 && hashes[at] == hash && comparison.isAt(table[at], id)) {
                return table[at];
            }
        }
        return FREE;
    }

    /** Adds an ID that is not in the table. */
    void put(byte[] id, int slot) {
        if (taken >= table.length / QUARTERS * (QUARTERS - 1)) {
            rehash();
        }
        insert(hash(id), slot);
        live++;
    }

    private void insert(int hash, int slot) {
        int at = hash & (table.length - 1);
        while (table[at] >= 0) {
            at = (at + 1) & (table.length - 1);
        }
        if (table[at] == FREE) {
            taken++;
        }
        table[at] = slot;
        hashes[at] = hash;
    }

    void remove(byte[] id, int slot) {
        int at = hash(id) & (table.length - 1);
        while (table[at] != slot) {
            at = (at + 1) & (table.length - 1);
        }
        table[at] = DELETED;
        live--;
    }

    void clear() {
        table = empty(FIRST_SIZE);
        hashes = new int[FIRST_SIZE];
        live = 0;
        taken = 0;
    }

    private void rehash() {
        int[] oldTable = table;
        int[] oldHashes = hashes;
        int size = live > table.length / QUARTERS ? Math.multiplyExact(table.length, 2) : table.length;
        table = empty(size);
        hashes = new int[size];
        taken = 0;
        for (int i = 0; i < oldTable.length; i++) {
            if (oldTable[i] >= 0) {
                insert(oldHashes[i], oldTable[i]);
            }
        }
    }
}
