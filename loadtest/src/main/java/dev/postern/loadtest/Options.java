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
 * @param lineup    which contestants take part in which scenarios, and whose latencies are measured
 * @param only      must be found in the name of a contestant that takes part
 * @param out       where the report is written
 */
record Options(Set<Scenario> scenarios, int rounds, int seconds, int warmUp, int rate, int keys, Lineup lineup,
        Pattern only, Path out) {
    /** Which contestants take part in which scenarios, and whose latencies are measured. */
    enum Lineup {
        ALL {
            @Override
            boolean has(Scenario scenario, String contestant) {
                return true;
            }

            @Override
            boolean hasLatency(String contestant) {
                return true;
            }
        },
        /** Only those whose figures a goal needs. */
        OF_THE_GOALS {
            @Override
            boolean has(Scenario scenario, String contestant) {
                return Goal.compares(scenario, contestant);
            }

            @Override
            boolean hasLatency(String contestant) {
                return Goal.LATENCIES.contains(contestant);
            }
        },
        /** All in the first scenario, and only the main pair in the others. */
        SMOKE {
            @Override
            boolean has(Scenario scenario, String contestant) {
                return scenario == Scenario.GET || Goal.MAIN_PAIR.stream().anyMatch(contestant::startsWith);
            }

            @Override
            boolean hasLatency(String contestant) {
                return Goal.MAIN_PAIR.contains(contestant);
            }
        };

        abstract boolean has(Scenario scenario, String contestant);

        abstract boolean hasLatency(String contestant);
    }

    static final String USAGE = """
            usage: loadtest/compare [--quick | --smoke] [--scenarios get,points,…] [--rounds N] [--seconds N]
                                    [--rate CALLS_PER_SECOND] [--keys N] [--only REGEX] [--out FOLDER]
              --quick      the main scenarios, and of the contestants those that the goals compare, in five minutes
              --smoke      every contestant at least once, to see that all this works; the figures mean nothing
              --scenarios  %s
              --only       those whose names contain this, for example 'express|Lua'
            """.formatted(Arrays.stream(Scenario.values()).map(Scenario::word).collect(Collectors.joining(", ")));

    /** Options that follow others take precedence. */
    static Options of(String[] words) {
        Set<Scenario> scenarios = EnumSet.allOf(Scenario.class);
        int rounds = 5;
        int seconds = 5;
        int warmUp = 12;
        int rate = 5_000;
        int keys = 10_000;
        Lineup lineup = Lineup.ALL;
        Pattern only = Pattern.compile("");
        Path out = Path.of("loadtest", "target", "report");
        for (int i = 0; i < words.length; i++) {
            switch (words[i]) {
                case "--quick" -> {
                    scenarios = EnumSet.of(Scenario.GET, Scenario.POINTS, Scenario.REFUSALS);
                    rounds = 3;
                    seconds = 2;
                    warmUp = 4;
                    keys = 200;
                    lineup = Lineup.OF_THE_GOALS;
                }
                case "--smoke" -> {
                    scenarios = EnumSet.allOf(Scenario.class);
                    rounds = 1;
                    seconds = 1;
                    warmUp = 0;
                    rate = 500;
                    keys = 20;
                    lineup = Lineup.SMOKE;
                }
                case "--scenarios" -> scenarios = scenarios(value(words, ++i));
                case "--rounds" -> rounds = number(words, ++i);
                case "--seconds" -> seconds = number(words, ++i);
                case "--rate" -> rate = number(words, ++i);
                case "--keys" -> keys = number(words, ++i);
                case "--only" -> only = pattern(value(words, ++i));
                case "--out" -> out = Path.of(value(words, ++i));
                default -> throw new Failure("unknown option " + words[i] + "\n" + USAGE);
            }
        }
        return new Options(scenarios, rounds, seconds, warmUp, rate, keys, lineup, only, out);
    }

    /** Whether a contestant takes part in a scenario. */
    boolean wants(Scenario scenario, Contestant contestant) {
        return contestant.scenarios().contains(scenario) && wants(contestant.name())
                && lineup.has(scenario, contestant.name());
    }

    /** Whether the latencies of a contestant are measured. */
    boolean wantsLatency(Contestant contestant) {
        return contestant.scenarios().contains(Scenario.GET) && wants(contestant.name())
                && lineup.hasLatency(contestant.name());
    }

    private boolean wants(String name) {
        return only.matcher(name).find();
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
