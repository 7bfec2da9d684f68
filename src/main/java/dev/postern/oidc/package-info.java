/** Signs operators in with an identity provider (OpenID Connect): the authorization code flow, and the ID token. */
@NullMarked
package dev.postern.oidc;

import org.jspecify.annotations.NullMarked;
