/**
 * The express lane: forwards plain HTTP/1.1 calls as bytes, in front of the HTTP codec, by the same rules as the chain
 * behind it. It does only what the chain would do, and passes on untouched what it does not recognize.
 */
@NullMarked
package dev.postern.express;

import org.jspecify.annotations.NullMarked;
