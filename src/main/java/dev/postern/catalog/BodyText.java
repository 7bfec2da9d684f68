package dev.postern.catalog;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The body of a request, parsed at most once. */
final class BodyText {
    // If a member is repeated, some servers use its first value and some the last.
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(JsonReadFeature.ALLOW_TRAILING_COMMA).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

    private final byte[] bytes;
    private @Nullable String text;
    private @Nullable JsonNode json;

    BodyText(byte[] bytes) {
        this.bytes = bytes;
    }

    String text() throws UnreadableBody {
        String known = text;
        if (known != null) {
            return known;
        }
        try {
            String decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            text = decoded;
            return decoded;
        } catch (CharacterCodingException notUtf8) {
            throw new UnreadableBody("The body is not UTF-8.");
        }
    }

    boolean looksLikeJson() {
        String start = new String(bytes, StandardCharsets.ISO_8859_1).stripLeading();
        return start.startsWith("{") || start.startsWith("[");
    }

    /**
     * The names of a form, decoded in both of the charsets that servers assume; an invalid escape is kept literally.
     */
    List<String> formNames() {
        List<String> names = new ArrayList<>();
        for (String pair : new String(bytes, StandardCharsets.ISO_8859_1).split("[&;]", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String latin = URLDecoder.decode(BROKEN_ESCAPE.matcher(name).replaceAll("%25"),
                    StandardCharsets.ISO_8859_1);
            names.add(latin);
            String utf8 = new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            if (!utf8.equals(latin)) {
                names.add(utf8);
            }
        }
        return names;
    }

    JsonNode json() throws UnreadableBody {
        JsonNode known = json;
        if (known != null) {
            return known;
        }
        try {
            JsonNode tree = JSON.readTree(text());
            if (tree == null || tree.isMissingNode()) {
                throw new UnreadableBody("The body is empty.");
            }
            json = tree;
            return tree;
        } catch (JacksonException malformed) {
            String where = malformed.getLocation() == null
                    ? ""
                    : " at line " + malformed.getLocation().getLineNr() + ", column "
                            + malformed.getLocation().getColumnNr();
            throw new UnreadableBody("The body is not valid JSON, or is ambiguous" + where + ".");
        }
    }
}
