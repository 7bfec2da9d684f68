package dev.postern.management;

import dev.postern.operator.Role;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;

/** Decides who may make which call of the management API: a pure function of the caller, the method and the path. */
final class Permits {
    /** Calls that compute something and change nothing, although they are POST. */
    private static final Set<String> COMPUTING = Set.of("explain", "what-if");

    private static final Set<String> FOR_ADMINISTRATORS = Set.of("operators", "audit", "export", "import");

    private Permits() {}

    /** The answer to the question whether a call is permitted. */
    enum Verdict {
        PERMITTED,
        /** The role of the caller does not include the call. */
        ROLE_INSUFFICIENT,
        /** The caller must not learn whether the path exists. */
        HIDDEN
    }

    /** The decoded segments of a path, without separators and parameters. */
    static List<String> segments(PathContainer path) {
        return path.elements().stream().filter(PathContainer.PathSegment.class::isInstance)
                .map(segment -> ((PathContainer.PathSegment) segment).valueToMatch()).toList();
    }

    /** Whether a call changes something. */
    static boolean isChange(HttpMethod method, List<String> segments) {
        return isApi(segments) && !reads(method) && !(COMPUTING.contains(segments.get(2)) && segments.size() == 3);
    }

    private static boolean reads(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    /** @param segments of the whole path */
    static Verdict decide(Caller caller, HttpMethod method, List<String> segments) {
        if (caller.account().isPresent() && !isOpenTo(caller, segments)) {
            return Verdict.HIDDEN;
        }
        return caller.role().includes(leastRole(caller, method, segments))
                ? Verdict.PERMITTED
                : Verdict.ROLE_INSUFFICIENT;
    }

    /** Whether a key holder may know of the path. */
    private static boolean isOpenTo(Caller holder, List<String> segments) {
        if (!isApi(segments)) {
            return false;
        }
        return switch (segments.get(2)) {
            case "accounts" -> segments.size() > 3
                    && holder.account().orElseThrow().value().equals(segments.get(3));
            case "apis", "me", "explain", "what-if" -> segments.size() == 3;
            default -> false;
        };
    }

    private static boolean isApi(List<String> segments) {
        return segments.size() > 2 && segments.get(0).equals("api") && segments.get(1).equals("v1");
    }

    /** The least role that may make the call. */
    private static Role leastRole(Caller caller, HttpMethod method, List<String> segments) {
        if (!isApi(segments)) {
            return segments.equals(List.of("v3", "api-docs")) ? Role.VIEWER : Role.ADMIN;
        }
        String resource = segments.get(2);
        if (resource.equals("me") || (COMPUTING.contains(resource) && segments.size() == 3)) {
            return Role.VIEWER;
        }
        if (isOwnPassword(caller, segments)) {
            return Role.VIEWER;
        }
        if (FOR_ADMINISTRATORS.contains(resource) || isTransfer(segments)) {
            return Role.ADMIN;
        }
        if (reads(method)) {
            return showsSecret(segments) ? Role.EDITOR : Role.VIEWER;
        }
        return isOfAccountParts(segments) ? Role.EDITOR : Role.ADMIN;
    }

    /** Whether the reply is a secret: an API key, or the file of an RSA token, which contains the token's key. */
    private static boolean showsSecret(List<String> segments) {
        return segments.size() > 6 && switch (segments.get(4)) {
            case "api-keys" -> segments.get(6).equals("key");
            case "rsa-tokens" -> segments.get(6).equals("file");
            default -> false;
        };
    }

    /** Whether a whole account is exported or imported, with its secrets as they are stored and its license. */
    private static boolean isTransfer(List<String> segments) {
        return segments.size() == 5 && segments.get(2).equals("accounts")
                && (segments.get(4).equals("export") || segments.get(4).equals("import"));
    }

    private static boolean isOwnPassword(Caller caller, List<String> segments) {
        return segments.size() == 5 && segments.get(2).equals("operators") && segments.get(4).equals("password")
                && caller.account().isEmpty() && segments.get(3).equals(caller.actor().name());
    }

    /**
     * Whether an editor may change the resource. The account itself, its master key and its license are for
     * administrators, but an editor may request an extension.
     */
    private static boolean isOfAccountParts(List<String> segments) {
        if (!segments.get(2).equals("accounts") || segments.size() < 5) {
            return false;
        }
        return switch (segments.get(4)) {
            case "master-key" -> false;
            case "license" -> segments.size() == 6 && segments.get(5).equals("extensions");
            default -> true;
        };
    }
}
