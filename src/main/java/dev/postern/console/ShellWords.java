package dev.postern.console;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a command into words as bash does. What only a shell knows, such as variables and other commands, is refused:
 * a call that is read wrongly would be explained wrongly.
 */
final class ShellWords {
    private static final String OPERATORS = "|&;<>()";
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{?([A-Za-z_][A-Za-z0-9_]{0,60})|[({0-9?@*#!$-])");
    private static final String ESCAPES = "abefnrtv";
    private static final String ESCAPED = "\u0007\b\u001B\f\n\r\t\u000B";
    private static final Pattern CODE = Pattern
            .compile("\\\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|([0-7]{1,3}))");

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;
    private int at;

    private ShellWords(String text) {
        this.text = text;
    }

    /** @throws UnreadableCallException if the command needs a shell */
    static List<String> split(String command) {
        return new ShellWords(command.replace("\r\n", "\n").strip()).split();
    }

    private List<String> split() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                end();
                if (!text.substring(at).isBlank()) {
                    throw new UnreadableCallException(before(at) == '^' ? "windows" : "commands", "");
                }
                at++;
            } else if (c == ' ' || c == '\t') {
                end();
                at++;
            } else if (c == '#' && !begun) {
                int line = text.indexOf('\n', at);
                at = line < 0 ? text.length() : line;
            } else if (OPERATORS.indexOf(c) >= 0) {
                throw new UnreadableCallException("operator", String.valueOf(c));
            } else {
                part(c);
            }
        }
        end();
        return List.copyOf(words);
    }

    private char before(int place) {
        return place == 0 ? ' ' : text.charAt(place - 1);
    }

    private void end() {
        if (begun) {
            words.add(word.toString());
        }
        word.setLength(0);
        begun = false;
    }

    private void part(char c) {
        switch (c) {
            case '\'' -> single();
            case '"' -> twofold();
            case '\\' -> escaped("");
            case '$' -> {
                if (text.startsWith("$'", at)) {
                    ansi();
                } else {
                    dollar();
                }
            }
            default -> plain(c);
        }
    }

    private void plain(char c) {
        if (c == '`') {
            throw new UnreadableCallException("substitution", "");
        }
        word.append(c);
        begun = true;
        at++;
    }

    private void dollar() {
        Matcher variable = VARIABLE.matcher(text).region(at, text.length());
        if (variable.lookingAt()) {
            String name = variable.group(1);
            throw name == null
                    ? new UnreadableCallException("substitution", "")
                    : new UnreadableCallException("variable", "$" + name);
        }
        plain('$');
    }

    private void single() {
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
            throw new UnreadableCallException("quote", "'");
        }
        word.append(text, at + 1, end);
        begun = true;
        at = end + 1;
    }

    private void twofold() {
        at++;
        begun = true;
        while (at < text.length() && text.charAt(at) != '"') {
            switch (text.charAt(at)) {
                case '\\' -> escaped("$`\"\\\n");
                case '$' -> dollar();
                default -> plain(text.charAt(at));
            }
        }
        closed("\"");
    }

    /** @param only the characters that a backslash escapes here; empty if it escapes all of them */
    private void escaped(String only) {
        if (at + 1 >= text.length()) {
            // Nothing follows: the command was copied without its last lines.
            throw new UnreadableCallException("cut-off", "");
        }
        char next = text.charAt(at + 1);
        if (!only.isEmpty() && only.indexOf(next) < 0) {
            word.append('\\');
            at++;
            return;
        }
        at += 2;
        if (next != '\n') {
            word.append(next);
            begun = true;
        }
    }

    /** The quotes that browsers use when they copy a request with special characters. */
    private void ansi() {
        at += 2;
        begun = true;
        while (at < text.length() && text.charAt(at) != '\'') {
            Matcher code = CODE.matcher(text).region(at, text.length());
            if (code.lookingAt()) {
                boolean octal = code.group(3) != null;
                String digits = octal ? code.group(3) : code.group(1) != null ? code.group(1) : code.group(2);
                word.append((char) Integer.parseInt(digits, octal ? 8 : 16));
                at = code.end();
            } else if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                int known = ESCAPES.indexOf(text.charAt(at + 1));
                word.append(known < 0 ? text.charAt(at + 1) : ESCAPED.charAt(known));
                at += 2;
            } else {
                word.append(text.charAt(at));
                at++;
            }
        }
        closed("'");
    }

    private void closed(String quote) {
        if (at >= text.length()) {
            throw new UnreadableCallException("quote", quote);
        }
        at++;
    }
}
