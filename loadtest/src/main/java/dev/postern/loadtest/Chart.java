package dev.postern.loadtest;

import java.util.Locale;
import java.util.Map;

/** Draws horizontal bars as SVG. */
final class Chart {
    private static final int WIDTH = 900;
    private static final int NAMES = 330;
    private static final int BAR = 22;
    private static final int GAP = 8;
    private static final int TOP = 44;
    private static final int VALUES = 70;

    private Chart() {}

    /** @param values by name, in the order in which they are drawn */
    static String bars(String title, Map<String, Double> values) {
        double most = values.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
        int height = TOP + values.size() * (BAR + GAP) + GAP;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" \
                font-family="system-ui, sans-serif" font-size="14">
                <rect width="%d" height="%d" fill="#ffffff"/>
                <text x="12" y="26" font-size="16" font-weight="600" fill="#1f2933">%s</text>
                """, WIDTH, height, Html.escape(title), WIDTH, height, Html.escape(title)));
        int y = TOP;
        for (Map.Entry<String, Double> value : values.entrySet()) {
            double length = Math.max(2, value.getValue() / most * (WIDTH - NAMES - VALUES));
            boolean ours = value.getKey().startsWith("Postern");
            svg.append(String.format(Locale.ROOT, """
                    <text x="%d" y="%d" text-anchor="end" fill="#1f2933"%s>%s</text>
                    <rect x="%d" y="%d" width="%.1f" height="%d" rx="3" fill="%s"/>
                    <text x="%.1f" y="%d" fill="#3e4c59">%s</text>
                    """, NAMES - 10, y + 16, ours ? " font-weight=\"600\"" : "", Html.escape(value.getKey()), NAMES, y,
                    length, BAR, ours ? "#0b6e4f" : "#9fb3c8", NAMES + length + 8, y + 16,
                    Report.number(value.getValue())));
            y += BAR + GAP;
        }
        return svg.append("</svg>\n").toString();
    }
}
