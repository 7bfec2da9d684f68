package dev.postern.sizing;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Draws how many gates and primaries of Redis are needed, against calls per second, both on logarithmic scales. */
final class SizePicture {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 440;
    private static final int TOP = 70;
    private static final int BOTTOM = 350;
    private static final int SCALE = BOTTOM + 42;
    private static final int PLOT = 350;
    private static final int LEFT = 60;
    private static final int RIGHT = 500;
    private static final int LEGEND = 424;
    private static final double FEWEST_CALLS = 1e3;
    private static final double MOST_CALLS = 1e6;
    private static final double MOST = 200;
    private static final int STEPS = 60;

    private final StringBuilder svg = new StringBuilder();
    private final Map<SizeTables.Use, List<Plan>> plans = new EnumMap<>(SizeTables.Use.class);

    SizePicture() {
        for (SizeTables.Use use : SizeTables.Use.values()) {
            plans.put(use, IntStream.rangeClosed(0, STEPS).mapToObj(step -> use
                    .plan(FEWEST_CALLS * Math.pow(MOST_CALLS / FEWEST_CALLS, (double) step / STEPS))).toList());
        }
    }

    String draw() {
        line(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Gates and primaries \
                of Redis against calls per second" font-family="system-ui, sans-serif" font-size="13">
                <rect width="%d" height="%d" fill="#ffffff"/>""", WIDTH, HEIGHT, WIDTH, HEIGHT));
        panel(LEFT, "Gates with two processors", Plan::gates);
        panel(RIGHT, "Primaries of Redis", Plan::primaries);
        int x = LEFT;
        for (SizeTables.Use use : SizeTables.Use.values()) {
            line(String.format(Locale.ROOT, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" %s/>", x, LEGEND - 4, x + 34,
                    LEGEND - 4,
                    use.stroke()));
            line(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" fill=\"#3e4c59\">%s</text>", x + 42, LEGEND,
                    use.word()));
            x += 200;
        }
        return svg.append("</svg>\n").toString();
    }

    private void line(String element) {
        svg.append(element).append('\n');
    }

    private void panel(int left, String title, ToDoubleFunction<Plan> value) {
        line(String.format(Locale.ROOT,
                "<text x=\"%d\" y=\"30\" font-size=\"16\" font-weight=\"600\" fill=\"#1f2933\">%s</text>", left - 40,
                title));
        for (int each : List.of(1, 2, 5, 10, 20, 50, 100, 200)) {
            line(String.format(Locale.ROOT, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e4e7eb\"/>",
                    left, y(each), left + PLOT,
                    y(each)));
            line(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#616e7c\">%d</text>",
                    left - 8, y(each) + 4,
                    each));
        }
        for (double calls = FEWEST_CALLS; calls <= MOST_CALLS; calls *= 10) {
            line(String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#e4e7eb\"/>",
                    x(left, calls), TOP,
                    x(left, calls), BOTTOM));
            line(String.format(Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#616e7c\">%,.0f</text>", x(left, calls),
                    BOTTOM + 20, calls));
        }
        line(String.format(Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#616e7c\">calls per second</text>",
                left + PLOT / 2, SCALE));
        for (SizeTables.Use use : SizeTables.Use.values()) {
            StringBuilder points = new StringBuilder();
            for (Plan plan : plans.getOrDefault(use, List.of())) {
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(left, plan.load().calls()),
                        y(value.applyAsDouble(plan))));
            }
            line(String.format(Locale.ROOT, "<polyline points=\"%s\" fill=\"none\" %s/>", points.toString().strip(),
                    use.stroke()));
        }
    }

    private static double x(int left, double calls) {
        return left + PLOT * Math.log(calls / FEWEST_CALLS) / Math.log(MOST_CALLS / FEWEST_CALLS);
    }

    private static double y(double value) {
        return BOTTOM - (BOTTOM - TOP) * Math.log(value) / Math.log(MOST);
    }
}
