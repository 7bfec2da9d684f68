package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the numbers of an account's active devices from Redis. */
final class UsageReader {
    private static final int COUNTS_IN_FLIGHT = 64;

    private final RedisStore redis;

    UsageReader(RedisStore redis) {
        this.redis = redis;
    }

    /** @throws IllegalArgumentException if the days are in the wrong order, or too many */
    Mono<Usage> read(AccountId account, LocalDate from, LocalDate to) {
        if (from.isAfter(to)) {
            throw new IllegalArgumentException("from is after to");
        }
        if (ChronoUnit.DAYS.between(from, to) >= ActiveDevices.MAX_DAYS) {
            throw new IllegalArgumentException("from and to span more than " + ActiveDevices.MAX_DAYS + " days");
        }
        YearMonth firstMonth = YearMonth.from(from);
        long months = ChronoUnit.MONTHS.between(firstMonth, YearMonth.from(to)) + 1;
        return Mono.zip(count(ActiveDeviceKeys.ofRange(account, from, to)),
                Flux.fromStream(() -> from.datesUntil(to.plusDays(1)))
                        .flatMapSequential(day -> count(ActiveDeviceKeys.ofDay(account, day))
                                .map(count -> new Usage.Day(day, count)), COUNTS_IN_FLIGHT)
                        .collectList(),
                Flux.fromStream(() -> Stream.iterate(firstMonth, month -> month.plusMonths(1)).limit(months))
                        .flatMapSequential(month -> count(ActiveDeviceKeys.ofMonth(account, month))
                                .map(count -> new Usage.Month(month, count)), COUNTS_IN_FLIGHT)
                        .collectList())
                .map(counts -> new Usage(from, to, counts.getT1(), counts.getT2(), counts.getT3()));
    }

    private Mono<Long> count(String... keys) {
        return redis.run(commands -> commands.pfcount(keys));
    }
}
