package dev.postern.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call that somebody pasted: a request line, which headers and a body may follow, or a curl command.
 *
 * @param headers by name as they were typed; may present a credential
 * @param body    empty if there is none
 */
record PastedCall(String method, String target, Map<String, List<String>> headers, String body) {
    private static final Pattern CURL = Pattern.compile("(?:[$#%>]\\s+)?curl(?:\\.exe)?(?=\\s|$)");
    private static final Pattern LINE = Pattern.compile("([A-Za-z]{1,20})[ \\t]+(\\S+)(?:[ \\t]+HTTP/\\d(?:\\.\\d)?)?");

    PastedCall {
        headers = Map.copyOf(headers);
    }

    /** @throws UnreadableCallException saying what cannot be read */
    static PastedCall read(String text) {
        String stripped = text.strip();
        Matcher curl = CURL.matcher(stripped);
        return curl.lookingAt()
                ? CurlCommand.read(ShellWords.split(stripped.substring(curl.end())))
                : request(stripped.replace("\r\n", "\n"));
    }

    private static PastedCall request(String text) {
        String[] parts = text.split("\\n[ \\t]*\\n", 2);
        String[] lines = parts[0].split("\\n", -1);
        Matcher line = LINE.matcher(lines[0].strip());
        if (!line.matches()) {
            throw new UnreadableCallException("line", "");
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int at = 1; at < lines.length; at++) {
            int colon = lines[at].indexOf(':');
            if (colon <= 0) {
                throw new UnreadableCallException("header", Integer.toString(at + 1));
            }
            headers.computeIfAbsent(lines[at].substring(0, colon).strip(), _ -> new ArrayList<>())
                    .add(lines[at].substring(colon + 1).strip());
        }
        return new PastedCall(line.group(1), line.group(2), headers, parts.length > 1 ? parts[1] : "");
    }

    /** Adds the members of the API. */
    void putInto(ObjectNode question) {
        question.put("method", method).put("target", target);
        if (!body.isEmpty()) {
            question.put("body", body);
        }
        if (!headers.isEmpty()) {
            ObjectNode all = question.putObject("headers");
            headers.forEach((name, values) -> {
                ArrayNode list = all.putArray(name);
                values.forEach(list::add);
            });
        }
    }
}
