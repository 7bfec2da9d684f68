/**
 * The express lane: forwards plain HTTP/1.1 calls on bytes, in front of the HTTP codec, by the same rules as the gateway
 * behind it. It only repeats what the gateway would do; what it does not recognize it passes on untouched.
 */
@NullMarked
package dev.postern.express;

import org.jspecify.annotations.NullMarked;
