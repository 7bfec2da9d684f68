package dev.postern.loadtest;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The parts of a page that needs no other file. */
final class Html {
    private Html() {}

    static String head(String title, String subtitle) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                  body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
                  table { border-collapse: collapse; width: 100%%; margin: 1rem 0; font-variant-numeric: tabular-nums; }
                  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d9e2ec; }
                  td:not(:first-child), th:not(:first-child) { text-align: right; }
                  svg { width: 100%%; height: auto; border: 1px solid #d9e2ec; border-radius: 6px; }
                  h2 { margin-top: 2.5rem; }
                  .ours { font-weight: 600; }
                </style>
                </head>
                <body>
                <h1>%s</h1>
                <p>%s</p>
                """.formatted(escape(title), escape(title), escape(subtitle));
    }

    static String table(String title, String explanation, List<String> head, List<List<String>> rows) {
        StringBuilder html = new StringBuilder("<h2>%s</h2>\n<p>%s</p>\n<table>\n<tr>".formatted(
                escape(sentence(title)), escape(explanation)));
        head.forEach(cell -> html.append("<th>").append(escape(cell)).append("</th>"));
        html.append("</tr>\n");
        for (List<String> row : rows) {
            html.append(row.getFirst().startsWith("Postern") ? "<tr class=\"ours\">" : "<tr>")
                    .append(row.stream().map(cell -> "<td>" + escape(cell) + "</td>").collect(Collectors.joining()))
                    .append("</tr>\n");
        }
        return html.append("</table>\n").toString();
    }

    static String end() {
        return "</body>\n</html>\n";
    }

    static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
