package dev.postern.management;

/**
 * One line of a body.
 *
 * @param number  counted from 1
 * @param bytes   without the line terminator
 * @param tooLong whether the line exceeded the limit; then the bytes are empty
 */
record Line(long number, byte[] bytes, boolean tooLong) {}
