package dev.postern.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The body of a reply, with or without the OneNET envelope. */
final class ReplyBody {
    private static final byte[] BYTE_ORDER_MARK = "\ufeff".getBytes(StandardCharsets.UTF_8);

    private static final String ERROR_NUMBER = "errno";
    private static final MemberNames NAMES = MemberNames.of(List.of(List.of(ERROR_NUMBER)));

    private final BodyText text;
    private final boolean beginsAsObject;

    ReplyBody(byte[] bytes) {
        // Some servers begin every text with a byte order mark.
        boolean marked = bytes.length >= BYTE_ORDER_MARK.length
                && Arrays.equals(bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
        byte[] plain = marked ? Arrays.copyOfRange(bytes, BYTE_ORDER_MARK.length, bytes.length) : bytes;
        this.text = new BodyText(plain);
        this.beginsAsObject = new String(plain, StandardCharsets.ISO_8859_1).stripLeading().startsWith("{");
    }

    /** Whether it is or was meant to be an object: a truncated object may report a failure. */
    boolean beginsAsObject() {
        return beginsAsObject;
    }

    /** @throws UnreadableBody also if it contains another spelling of the member that reports success */
    JsonNode object() throws UnreadableBody {
        JsonNode json = text.json();
        if (!json.isObject()) {
            throw new UnreadableBody("The reply is not a JSON object.");
        }
        NAMES.requireExact(json);
        return json;
    }

    /** OneNET also uses status 200 for failures, and reports them in {@code errno}. */
    static boolean tellsSuccess(JsonNode object) {
        JsonNode errno = object.get(ERROR_NUMBER);
        return errno == null || (errno.isIntegralNumber() && errno.bigIntegerValue().signum() == 0);
    }
}
