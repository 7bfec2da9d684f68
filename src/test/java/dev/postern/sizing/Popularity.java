package dev.postern.sizing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * How likely a call is to concern each of many items, such as API keys. Items of about the same rank share a group, so
 * that a sum over ten million items is a sum over a few hundred groups.
 *
 * @param groups the groups, the most popular first; the probabilities of all items add up to 1
 */
record Popularity(List<Group> groups) {
    /** The first ranks have a group each. */
    private static final int EXACT = 200;
    /** The other groups each cover this fraction of the ranks before them. */
    private static final double GROWTH = 0.02;

    Popularity {
        groups = List.copyOf(groups);
    }

    /**
     * Items that are equally popular.
     *
     * @param items       how many there are
     * @param probability that a call concerns a certain one of them
     */
    record Group(long items, double probability) {}

    /**
     * Zipf's law: the item of rank k is called in proportion to 1/k^exponent.
     *
     * @param exponent 0 if all items are equally popular
     */
    static Popularity zipf(long items, double exponent) {
        List<Group> weights = new ArrayList<>();
        double total = 0;
        for (long first = 1; first <= items;) {
            long count = first <= EXACT ? 1 : Math.min(items - first + 1, (long) (first * GROWTH));
            double weight = Math.pow(first + (count - 1) / 2.0, -exponent);
            weights.add(new Group(count, weight));
            total += count * weight;
            first += count;
        }
        double all = total;
        return new Popularity(weights.stream().map(each -> new Group(each.items(), each.probability() / all)).toList());
    }

    /** The popularity of parts, such as the devices of an API key, if each item has this many equal ones. */
    Popularity parts(long each) {
        return new Popularity(groups.stream()
                .map(group -> new Group(group.items() * each, group.probability() / each)).toList());
    }

    long items() {
        return groups.stream().mapToLong(Group::items).sum();
    }

    /** The sum over all items of a function of their probability. */
    double sum(DoubleUnaryOperator ofProbability) {
        double sum = 0;
        for (Group group : groups) {
            sum += group.items() * ofProbability.applyAsDouble(group.probability());
        }
        return sum;
    }

    /** Draws items at random. */
    Sampler sampler(Random random) {
        return new Sampler(this, random);
    }

    /** Draws items by their popularity; the most popular one has the number 0. */
    static final class Sampler {
        private final Random random;
        private final List<Group> groups;
        private final double[] reached;
        private final long[] first;

        private Sampler(Popularity popularity, Random random) {
            this.random = random;
            this.groups = popularity.groups();
            this.reached = new double[groups.size()];
            this.first = new long[groups.size()];
            double sum = 0;
            long items = 0;
            for (int i = 0; i < reached.length; i++) {
                sum += groups.get(i).items() * groups.get(i).probability();
                reached[i] = sum;
                first[i] = items;
                items += groups.get(i).items();
            }
        }

        int next() {
            double drawn = random.nextDouble();
            int low = 0;
            for (int high = reached.length - 1; low < high;) {
                int middle = (low + high) >>> 1;
                if (reached[middle] > drawn) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return (int) (first[low] + random.nextLong(groups.get(low).items()));
        }
    }
}
