package dev.postern.monitoring;

import dev.postern.monitoring.Dashboard.Panel;
import dev.postern.monitoring.Dashboard.Place;
import dev.postern.monitoring.Dashboard.Threshold;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws a dashboard with the values of its queries, about as Grafana would. */
final class DashboardPicture {
    private static final int COLUMN = 50;
    private static final int ROW = 30;
    private static final int GAP = 6;
    private static final int TITLE = 26;
    private static final int LEGEND = 15;
    private static final int AXIS = 72;
    private static final int MAX_LEGENDS = 5;
    private static final List<String> COLORS = List.of("#2f7d5d", "#d98c21", "#3c78c8", "#b5473c", "#7b5ea7",
            "#4aa3a3", "#8a6d3b", "#c0518f");

    private static final String GRAY = "#616e7c";
    private static final Map<String, String> STATES = Map.of("green", "#2f7d5d", "orange", "#d98c21", "red", "#b5473c");

    private final StringBuilder svg = new StringBuilder();

    /** The values of one line of a panel, at equal distances in time. */
    record Line(String name, List<Double> values) {
        double last() {
            return values.isEmpty() ? 0 : values.getLast();
        }
    }

    DashboardPicture(String title, int rows) {
        int width = 24 * COLUMN;
        int height = rows * ROW + 44;
        svg.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" \
                font-family="system-ui, sans-serif" font-size="12">
                <rect width="%d" height="%d" fill="#f4f5f7"/>
                <text x="10" y="27" font-size="18" font-weight="600" fill="#1f2933">%s</text>
                """, width, height, escape(title), width, height, escape(title)));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    void row(Panel panel) {
        svg.append(String.format(Locale.ROOT,
                "<text x=\"10\" y=\"%d\" font-size=\"14\" font-weight=\"600\" fill=\"#3e4c59\">%s</text>\n",
                top(panel.place()) + 21, escape(panel.title())));
    }

    private static int top(Place place) {
        return 40 + place.y() * ROW;
    }

    void panel(Panel panel, List<Line> lines) {
        Place place = panel.place();
        int x = place.x() * COLUMN + GAP / 2;
        int y = top(place) + GAP / 2;
        int width = place.width() * COLUMN - GAP;
        int height = place.height() * ROW - GAP;
        svg.append(String.format(Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"#ffffff\" stroke=\"#d9dee3\"/>\n",
                x, y,
                width, height));
        svg.append(String.format(Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" font-weight=\"600\" fill=\"#1f2933\">%s</text>\n", x + 10, y + 18,
                escape(panel.title())));
        if (panel.type().equals("stat")) {
            svg.append(String.format(Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" font-size=\"26\" font-weight=\"600\" text-anchor=\"middle\" fill=\"%s\">%s"
                            + "</text>\n",
                    x + width / 2, y + height / 2 + 20,
                    lines.isEmpty() ? GRAY : color(panel, lines.getFirst().last()),
                    lines.isEmpty() ? "no data" : Unit.format(panel.unit(), lines.getFirst().last())));
        } else {
            graph(panel.unit(), lines, new Area(x + AXIS, y + TITLE + 6, width - AXIS - 12,
                    height - TITLE - 16 - LEGEND * (Math.min(lines.size(), MAX_LEGENDS) + 1)));
        }
    }

    private static String color(Panel panel, double value) {
        String color = "green";
        for (Threshold threshold : panel.thresholds()) {
            color = value >= threshold.from() ? threshold.color() : color;
        }
        return STATES.getOrDefault(color, GRAY);
    }

    /** Where the lines of a panel are drawn. */
    private record Area(int x, int y, int width, int height) {
        int bottom() {
            return y + height;
        }
    }

    private void graph(String unit, List<Line> lines, Area area) {
        double most = lines.stream().flatMap(line -> line.values().stream()).mapToDouble(Double::doubleValue).max()
                .orElse(0);
        double top = most <= 0 ? 1 : most * 1.1;
        for (int step = 0; step <= 2; step++) {
            int y = area.bottom() - step * area.height() / 2;
            svg.append(String.format(Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#e4e7eb\"/>\n", area.x(), y,
                    area.x() + area.width(), y));
            svg.append(String.format(Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" font-size=\"10\" fill=\"#616e7c\">%s</text>\n",
                    area.x() - 6, y + 4, Unit.format(unit, top * step / 2)));
        }
        for (int i = 0; i < lines.size(); i++) {
            line(lines.get(i).values(), COLORS.get(i % COLORS.size()), top, area);
        }
        legends(unit, lines, area);
    }

    private void line(List<Double> values, String color, double top, Area area) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ",
                    area.x() + (double) i * area.width() / Math.max(1, values.size() - 1),
                    area.bottom() - values.get(i) / top * area.height()));
        }
        svg.append(String.format(Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\"/>\n",
                points.toString().strip(),
                color));
    }

    private void legends(String unit, List<Line> lines, Area area) {
        int y = area.bottom() + LEGEND + 4;
        for (int i = 0; i < Math.min(lines.size(), MAX_LEGENDS); i++) {
            svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"3\" fill=\"%s\"/>\n",
                    area.x(), y - 5,
                    COLORS.get(i % COLORS.size())));
            svg.append(String.format(Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#3e4c59\">%s  %s</text>\n", area.x() + 16, y,
                    escape(lines.get(i).name()), Unit.format(unit, lines.get(i).last())));
            y += LEGEND;
        }
        if (lines.size() > MAX_LEGENDS) {
            svg.append(String.format(Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#616e7c\">and %d more</text>\n", area.x() + 16, y,
                    lines.size() - MAX_LEGENDS));
        }
    }

    String svg() {
        return svg + "</svg>\n";
    }

    /** Grafana's units. */
    private static final class Unit {
        private static final List<String> PREFIXES = List.of("", " k", " M", " G", " T");

        static String format(String unit, double value) {
            return switch (unit) {
                case "percentunit" -> number(value * 100) + " %";
                case "s" -> value >= 1 || value == 0
                        ? number(value) + " s"
                        : value >= 0.001 ? number(value * 1000) + " ms" : number(value * 1_000_000) + " µs";
                case "reqps" -> scaled(value).strip() + " req/s";
                case "ops" -> scaled(value).strip() + " ops/s";
                case "Bps" -> scaled(value) + "B/s";
                case "bytes" -> scaled(value) + "B";
                default -> number(value);
            };
        }

        private static String scaled(double value) {
            int power = 0;
            double rest = value;
            while (rest >= 1000 && power < PREFIXES.size() - 1) {
                rest /= 1000;
                power++;
            }
            return number(rest) + (power == 0 ? " " : PREFIXES.get(power));
        }

        private static String number(double value) {
            return value == Math.rint(value) && value < 10_000
                    ? String.valueOf((long) value)
                    : String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
        }
    }
}
