package dev.postern.management;

/**
 * A line of a body of lines.
 *
 * @param number  from 1
 * @param bytes   without the line's end
 * @param tooLong whether there was more of it than is taken; then the bytes are none
 */
record Line(long number, byte[] bytes, boolean tooLong) {}
