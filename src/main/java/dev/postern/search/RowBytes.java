package dev.postern.search;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The texts of a {@link NameTable}. A row is the lengths of its ID, its name and its folded name, then ID and name in
 * UTF-8. Folded names are in an array of their own, as characters. Not thread-safe.
 */
final class RowBytes {
    private static final int FIRST_SIZE = 4096;
    private static final int LENGTHS = 6;
    private static final int MAX_LENGTH = 0xFFFF;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;
    private char[] folded = new char[FIRST_SIZE];
    private int foldedSize;

    long memory() {
        return bytes.length + 2L * folded.length;
    }

    /** The memory without what is reserved for more rows. */
    long needed() {
        return Math.max(size, FIRST_SIZE) + 2L * Math.max(foldedSize, FIRST_SIZE);
    }

    /** Where the next folded name will begin. */
    int foldedEnd() {
        return foldedSize;
    }

    /** The folded names. */
    char[] folded() {
        return folded;
    }

    /** Appends a row and returns where it begins. A name that is longer than its length field permits is cut off. */
    int append(byte[] id, String name, char[] foldedName) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int nameLength = Math.min(text.length, MAX_LENGTH);
        int start = reserve(LENGTHS + id.length + nameLength);
        writeLength(start, id.length);
        writeLength(start + 2, nameLength);
        int at = start + LENGTHS;
        System.arraycopy(id, 0, bytes, at, id.length);
        System.arraycopy(text, 0, bytes, at + id.length, nameLength);
        appendFolded(start, foldedName, 0, Math.min(foldedName.length, MAX_LENGTH));
        return start;
    }

    private void appendFolded(int start, char[] source, int from, int length) {
        writeLength(start + 4, length);
        int end = Math.addExact(foldedSize, length);
        if (end > folded.length) {
            folded = Arrays.copyOf(folded, larger(folded.length, end));
        }
        System.arraycopy(source, from, folded, foldedSize, length);
        foldedSize = end;
    }

    void trim() {
        bytes = Arrays.copyOf(bytes, Math.max(size, FIRST_SIZE));
        folded = Arrays.copyOf(folded, Math.max(foldedSize, FIRST_SIZE));
    }

    private static int larger(int capacity, int needed) {
        return Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, capacity * 3L / 2));
    }

    /** Copies a row of another array and returns where it begins. */
    int copy(RowBytes other, int start, int foldedStart) {
        int length = LENGTHS + other.idLength(start) + other.nameLength(start);
        int copy = reserve(length);
        System.arraycopy(other.bytes, start, bytes, copy, length);
        appendFolded(copy, other.folded, foldedStart, other.foldedLength(start));
        return copy;
    }

    private int reserve(int length) {
        int start = size;
        size = Math.addExact(size, length);
        if (size > bytes.length) {
            bytes = Arrays.copyOf(bytes, larger(bytes.length, size));
        }
        return start;
    }

    private void writeLength(int at, int length) {
        bytes[at] = (byte) (length >> 8);
        bytes[at + 1] = (byte) length;
    }

    private int readLength(int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    private int idLength(int start) {
        return readLength(start);
    }

    private int nameLength(int start) {
        return readLength(start + 2);
    }

    int foldedLength(int start) {
        return readLength(start + 4);
    }

    boolean hasId(int start, byte[] id) {
        int from = start + LENGTHS;
        return idLength(start) == id.length && Arrays.equals(bytes, from, from + id.length, id, 0, id.length);
    }

    byte[] idBytes(int start) {
        int from = start + LENGTHS;
        return Arrays.copyOfRange(bytes, from, from + idLength(start));
    }

    String id(int start) {
        return new String(bytes, start + LENGTHS, idLength(start), StandardCharsets.UTF_8);
    }

    int compareIds(int one, int other) {
        return compare(one + LENGTHS, idLength(one), other + LENGTHS, idLength(other));
    }

    int compareNames(int one, int other) {
        return compare(name(one), nameLength(one), name(other), nameLength(other));
    }

    private int compare(int one, int length, int other, int otherLength) {
        return Arrays.compareUnsigned(bytes, one, one + length, bytes, other, other + otherLength);
    }

    private int name(int start) {
        return start + LENGTHS + idLength(start);
    }

    /** The bytes of a name from this position, as a number that sorts in the same order. */
    long prefix(int start, int from, int count) {
        int at = name(start) + from;
        int end = name(start) + nameLength(start);
        long prefix = 0;
        for (int i = 0; i < count; i++) {
            prefix = prefix << 8 | (at + i < end ? bytes[at + i] & 0xFF : 0);
        }
        return prefix;
    }

    /** The number of characters of a name. */
    int characters(int start) {
        return characters(name(start), nameLength(start));
    }

    /** The number of UTF-16 characters of a text in UTF-8: one for each sequence of bytes, two if it has four bytes. */
    private int characters(int from, int length) {
        int count = 0;
        for (int i = from; i < from + length; i++) {
            int value = bytes[i] & 0xFF;
            count += value < 0x80 || value >= 0xC0 ? 1 : 0;
            count += value >= 0xF0 ? 1 : 0;
        }
        return count;
    }
}
