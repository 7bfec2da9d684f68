package dev.postern.account;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One page of a list.
 *
 * @param totalCount the number of items on all pages
 * @param items      the items on this page
 */
public record Page<T>(long totalCount, List<T> items) {
    public Page {
        items = List.copyOf(items);
    }

    /** This page with each item converted. */
    public <U> Page<U> map(Function<T, U> change) {
        return new Page<>(totalCount, items.stream().map(change).toList());
    }

    /**
     * A request for a page.
     *
     * @param number  counted from 1
     * @param perPage the maximum number of items on the page
     */
    public record Request(int number, int perPage) {
        private static final int MAX_PER_PAGE = 100;

        /**
         * Reads the parameters {@code page} and {@code per_page}.
         *
         * @param perPageDefault used when the client sends no {@code per_page}
         * @throws IllegalArgumentException if a parameter is not a number in its range; the message names the parameter
         */
        public static Request parse(Optional<String> page, Optional<String> perPage, int perPageDefault) {
            return new Request(number("page", page, 1, 1_000_000),
                    number("per_page", perPage, perPageDefault, MAX_PER_PAGE));
        }

        private static int number(String name, Optional<String> text, int fallback, int max) {
            try {
                int number = text.map(Integer::valueOf).orElse(fallback);
                if (number >= 1 && number <= max) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // Falls through to the exception below.
            }
            throw new IllegalArgumentException(name + " is not a number from 1 to " + max);
        }

        /** Position of the first item in the whole list, counted from 0. */
        public long first() {
            return (number - 1L) * perPage;
        }

        /** Position of the last item. */
        public long last() {
            return first() + perPage - 1;
        }

        /** Cuts this page out of a whole list. */
        public <T> Page<T> of(List<T> all) {
            int from = (int) Math.min(first(), all.size());
            int to = (int) Math.min(first() + perPage, all.size());
            return new Page<>(all.size(), all.subList(from, to));
        }
    }
}
