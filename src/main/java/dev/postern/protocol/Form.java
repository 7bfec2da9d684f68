package dev.postern.protocol;

import dev.postern.access.RequestTarget;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * The names and values of a form or a query, in order.
 *
 * @param fields the decoded fields, including repeated ones
 */
public record Form(List<Field> fields) {
    private static final String TYPE = "application/x-www-form-urlencoded";

    public Form {
        fields = List.copyOf(fields);
    }

    /** One name and its value. Its {@code toString} hides the value, which may be a secret. */
    public record Field(String name, String value) {
        @Override
        public String toString() {
            return name + "=***";
        }
    }

    /** Whether the headers declare the body to be a form. */
    public static boolean isDeclared(HttpHeaders headers) {
        List<String> types = headers.getOrDefault(HttpHeaders.CONTENT_TYPE, List.of());
        return types.size() == 1 && types.getFirst().replaceFirst(";.*", "").strip().equalsIgnoreCase(TYPE);
    }

    /**
     * Reads a body.
     *
     * @throws IllegalArgumentException if an escape is broken, or something is not UTF-8
     */
    public static Form read(byte[] body) {
        List<Field> fields = new ArrayList<>();
        for (String field : new String(body, StandardCharsets.ISO_8859_1).split("&", -1)) {
            if (!field.isEmpty()) {
                int equals = field.indexOf('=');
                fields.add(equals < 0
                        ? new Field(decode(field), "")
                        : new Field(decode(field.substring(0, equals)), decode(field.substring(equals + 1))));
            }
        }
        return new Form(fields);
    }

    /**
     * Reads a query.
     *
     * @throws IllegalArgumentException if a value is not UTF-8
     */
    public static Form read(RequestTarget target) {
        return new Form(target.parameters().stream()
                .map(parameter -> new Field(parameter.name(), decode(parameter.rawValue()))).toList());
    }

    /** This form followed by another. */
    public Form and(Form other) {
        List<Field> both = new ArrayList<>(fields);
        both.addAll(other.fields);
        return new Form(both);
    }

    /** All values of this name. */
    public List<String> values(String name) {
        return fields.stream().filter(field -> field.name().equals(name)).map(Field::value).toList();
    }

    /** Whether a name occurs more than once. */
    public boolean hasRepeats() {
        Set<String> names = new HashSet<>();
        return !fields.stream().map(Field::name).allMatch(names::add);
    }

    /**
     * Decodes a form-encoded text.
     *
     * @param encoded one character for each byte
     * @throws IllegalArgumentException if an escape is broken, or the text is not UTF-8
     */
    public static String decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                if (i + 2 >= encoded.length()) {
                    throw new IllegalArgumentException("a percent-escape is broken");
                }
                bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new IllegalArgumentException("a text is not UTF-8", notUtf8);
        }
    }
}
