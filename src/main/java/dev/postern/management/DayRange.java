package dev.postern.management;

import dev.postern.management.contract.Parameter;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.springframework.web.reactive.function.server.ServerRequest;

/** The days in UTC that a call asks for, with {@code from} and {@code to}. */
record DayRange(LocalDate from, LocalDate to) {
    static final Parameter[] PARAMETERS = {
            new Parameter("from", Shapes.DAY, "The first day; by default the first of the month of `to`."),
            new Parameter("to", Shapes.DAY, "The last day; today by default.")};

    private static final int DATE_LENGTH = "2026-11-01".length();

    /** {@code to} is today by default, and {@code from} the first day of the month of {@code to}. */
    static DayRange read(ServerRequest request, Clock clock) {
        LocalDate to = date(request, "to").orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        return new DayRange(date(request, "from").orElseGet(() -> to.withDayOfMonth(1)), to);
    }

    private static Optional<LocalDate> date(ServerRequest request, String name) {
        List<String> values = request.queryParams().get(name);
        if (values == null) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw JsonInput.invalid(name + " is given more than once");
        }
        // Null if the name is not even followed by an equals sign.
        String text = values.getFirst();
        try {
            // The length check rejects years that do not have four digits.
            if (text != null && text.length() == DATE_LENGTH) {
                return Optional.of(LocalDate.parse(text));
            }
        } catch (DateTimeParseException noDate) {
            // Falls through to the exception below.
        }
        throw JsonInput.invalid(name + " is not a date such as 2026-11-01");
    }
}
