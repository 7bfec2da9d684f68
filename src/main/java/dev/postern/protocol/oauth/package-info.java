/** OAuth 2.0 for applications: client credentials (RFC 6749), revocation (RFC 7009) and introspection (RFC 7662). */
@NullMarked
package dev.postern.protocol.oauth;

import org.jspecify.annotations.NullMarked;
