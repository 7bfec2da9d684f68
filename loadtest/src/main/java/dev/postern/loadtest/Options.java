package dev.postern.loadtest;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * What the comparison was asked to do.
 *
 * @param scenarios what is measured
 * @param rounds    how often each contestant takes its turn
 * @param seconds   the length of one turn
 * @param warmUp    the longest warm-up of a contestant, in turns
 * @param rate      calls per second for the latencies; 0 for none
 * @param keys      keys and accounts of the scenario with many of them
 * @param allLatencies whether the latencies of all contestants are measured, and not only of those in the goals
 * @param only      what the names of those who take part contain
 * @param out       where the report is written
 */
record Options(Set<Scenario> scenarios, int rounds, int seconds, int warmUp, int rate, int keys, boolean allLatencies,
        Pattern only, Path out) {
    static final String USAGE = """
            usage: loadtest/compare [--quick | --smoke] [--scenarios get,points,…] [--rounds N] [--seconds N]
                                    [--rate CALLS_PER_SECOND] [--keys N] [--only REGEX] [--out FOLDER]
              --quick      the main scenarios, in seven to eight minutes
              --smoke      every contestant once, to see that the comparison itself works; the figures mean nothing
              --scenarios  %s
              --only       those whose names contain this, for example 'express|Lua'
            """.formatted(Arrays.stream(Scenario.values()).map(Scenario::word).collect(Collectors.joining(", ")));

    static Options of(String[] words) {
        Options options = new Options(EnumSet.allOf(Scenario.class), 5, 5, 12, 5_000, 10_000, true, Pattern.compile(""),
                Path.of("loadtest", "target", "report"));
        for (int i = 0; i < words.length; i++) {
            options = switch (words[i]) {
                case "--quick" -> new Options(EnumSet.of(Scenario.GET, Scenario.POINTS, Scenario.REFUSALS), 3, 2, 4,
                        5_000, 200, false, options.only, options.out);
                case "--smoke" -> new Options(EnumSet.allOf(Scenario.class), 1, 1, 1, 500, 20, false,
                        options.only, options.out);
                case "--scenarios" -> options.with(scenarios(value(words, ++i)));
                case "--rounds" -> new Options(options.scenarios, number(words, ++i), options.seconds, options.warmUp,
                        options.rate, options.keys, options.allLatencies, options.only, options.out);
                case "--seconds" -> new Options(options.scenarios, options.rounds, number(words, ++i), options.warmUp,
                        options.rate, options.keys, options.allLatencies, options.only, options.out);
                case "--rate" -> new Options(options.scenarios, options.rounds, options.seconds, options.warmUp,
                        number(words, ++i), options.keys, options.allLatencies, options.only, options.out);
                case "--keys" -> new Options(options.scenarios, options.rounds, options.seconds, options.warmUp,
                        options.rate, number(words, ++i), options.allLatencies, options.only, options.out);
                case "--only" -> new Options(options.scenarios, options.rounds, options.seconds, options.warmUp,
                        options.rate, options.keys, options.allLatencies, pattern(value(words, ++i)),
                        options.out);
                case "--out" -> new Options(options.scenarios, options.rounds, options.seconds, options.warmUp,
                        options.rate, options.keys, options.allLatencies, options.only, Path.of(value(words, ++i)));
                default -> throw new Failure("unknown option " + words[i] + "\n" + USAGE);
            };
        }
        return options;
    }

    /** Whether a contestant of this name takes part. */
    boolean wants(String name) {
        return only.matcher(name).find();
    }

    private Options with(Set<Scenario> chosen) {
        return new Options(chosen, rounds, seconds, warmUp, rate, keys, allLatencies, only, out);
    }

    private static String value(String[] words, int at) {
        if (at >= words.length) {
            throw new Failure(words[at - 1] + " needs a value\n" + USAGE);
        }
        return words[at];
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException broken) {
            throw new Failure("--only: " + broken.getMessage() + "\n" + USAGE);
        }
    }

    private static int number(String[] words, int at) {
        try {
            return Integer.parseInt(value(words, at));
        } catch (NumberFormatException _) {
            throw new Failure(words[at - 1] + " needs a number, and not " + words[at] + "\n" + USAGE);
        }
    }

    private static Set<Scenario> scenarios(String words) {
        Set<Scenario> chosen = EnumSet.noneOf(Scenario.class);
        for (String word : words.split(",", -1)) {
            try {
                chosen.add(Scenario.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException _) {
                throw new Failure("unknown scenario " + word + "\n" + USAGE);
            }
        }
        return chosen;
    }
}
