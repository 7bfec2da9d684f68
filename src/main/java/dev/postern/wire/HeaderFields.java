package dev.postern.wire;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** Reads the header fields of a response as text. */
public final class HeaderFields {
    private HeaderFields() {}

    /**
     * Gives each field to a consumer, with its name as the backend wrote it, and its value without blanks around it.
     *
     * @param head begins with a head whose syntax was checked, as {@link ResponseListener#head} receives it
     * @param size of the head, in bytes, with the empty line at its end
     */
    public static void forEach(byte[] head, int size, BiConsumer<String, String> field) {
        int end = size - 2;
        int line = afterLine(head, 0, end);
        while (line < end) {
            int next = afterLine(head, line, end);
            int colon = HeadLines.indexOf(head, line, next, (byte) ':');
            int from = HeadLines.afterBlanks(head, colon + 1, next - 2);
            int to = HeadLines.beforeBlanks(head, from, next - 2);
            field.accept(text(head, line, colon), text(head, from, to));
            line = next;
        }
    }

    private static int afterLine(byte[] head, int from, int end) {
        int newline = HeadLines.indexOf(head, from, end, (byte) '\n');
        return newline < 0 ? end : newline + 1;
    }

    /** Each byte is a character (RFC 9110, section 5.5). */
    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
