package dev.postern.usage;

import dev.postern.access.AccountId;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The keys of an account's HyperLogLogs in Redis: one a day, kept for 400 days, and one a month, kept for 5 years. No
 * record lists them, so deleting an account has to compute all possible names.
 */
final class ActiveDeviceKeys {
    static final Duration KEEP_DAY = Duration.ofDays(400);
    static final Duration KEEP_MONTH = Duration.ofDays(5 * 365);

    private ActiveDeviceKeys() {}

    static String ofDay(AccountId account, LocalDate day) {
        return "postern:{" + account + "}:active:d:" + day;
    }

    static String ofMonth(AccountId account, YearMonth month) {
        return "postern:{" + account + "}:active:m:" + month;
    }

    /**
     * The keys of a range of days. The key of a whole month replaces the keys of its days, because Redis is blocked for
     * longer the more keys it merges.
     */
    static String[] ofRange(AccountId account, LocalDate from, LocalDate to) {
        List<String> keys = new ArrayList<>();
        for (LocalDate day = from; !day.isAfter(to);) {
            YearMonth month = YearMonth.from(day);
            if (day.getDayOfMonth() == 1 && !month.atEndOfMonth().isAfter(to)) {
                keys.add(ofMonth(account, month));
                day = day.plusMonths(1);
            } else {
                keys.add(ofDay(account, day));
                day = day.plusDays(1);
            }
        }
        return keys.toArray(String[]::new);
    }

    /**
     * All keys that an account may have, and one more at each end, because the gates' clocks differ, and keys do not
     * expire exactly.
     *
     * @param today in UTC
     */
    static Stream<String> all(AccountId account, LocalDate today) {
        LocalDate lastDay = today.plusDays(1);
        YearMonth lastMonth = YearMonth.from(lastDay);
        return Stream.concat(
                IntStream.rangeClosed(0, (int) KEEP_DAY.toDays() + 2)
                        .mapToObj(back -> ofDay(account, lastDay.minusDays(back))),
                IntStream.rangeClosed(0, 5 * 12 + 1)
                        .mapToObj(back -> ofMonth(account, lastMonth.minusMonths(back))));
    }
}
