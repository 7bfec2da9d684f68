package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.issuance.Accounts;
import dev.postern.license.AddDeviceOutcome;
import dev.postern.license.Devices;
import dev.postern.license.NewDevice;
import dev.postern.store.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code …/devices:import}: adds devices, one in each line, as they arrive. A line that is wrong is reported, and the others go
 * in. Whoever accepts {@code application/x-ndjson} is told of the progress. A repeated import changes nothing.
 */
final class DeviceImportEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_LINE = 4096;
    /** Lines that are added together: many devices for each of the places where their owners stand. */
    private static final int WINDOW = 4096;
    private static final int PROGRESS = 10_000;
    private static final int MAX_RUNNING = 2;
    private static final int RETRIES = 10;
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);
    /** Longer than an outage of Redis is waited out, in which nothing is read. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Accounts accounts;
    private final Devices devices;
    private final Scheduler workers;
    private final AtomicInteger running = new AtomicInteger();

    /** @param workers where lines are read */
    DeviceImportEndpoint(Accounts accounts, Devices devices, Scheduler workers) {
        this.accounts = accounts;
        this.devices = devices;
        this.workers = workers;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, DevicesEndpoint.PLURAL + ":import").post("", this::run).build();
    }

    private Mono<ServerResponse> run(AccountId account, ServerRequest request) {
        boolean progress = request.headers().accept().stream()
                .anyMatch(type -> type.equalsTypeAndSubtype(MediaType.APPLICATION_NDJSON));
        ImportTally tally = new ImportTally();
        Flux<ObjectNode> parts = lines(request).publishOn(workers, WINDOW).buffer(WINDOW)
                .map(DeviceImportEndpoint::read)
                // The next lines are read while the devices of these are added.
                .concatMap(window -> add(account, window, tally), 1)
                .concatWith(Mono.fromSupplier(tally::result))
                .onErrorMap(failure -> brokenOff(failure, tally));
        return progress ? stream(parts, tally) : ifNotBusy(parts.last()).flatMap(Replies::ok);
    }

    private <T> Mono<T> ifNotBusy(Mono<T> work) {
        return Mono.defer(() -> {
            if (running.incrementAndGet() > MAX_RUNNING) {
                running.decrementAndGet();
                return Mono.error(new ProblemException(Problem.BUSY,
                        "This gate runs " + MAX_RUNNING + " imports at a time, and as many are running."));
            }
            return work.doFinally(_ -> running.decrementAndGet());
        });
    }

    /** What ended an import, with how far it came. */
    private static Throwable brokenOff(Throwable failure, ImportTally tally) {
        return switch (failure) {
            case ProblemException known ->
                new ProblemException(known.problem(), known.detail() + " " + tally.text());
            case StoreUnavailableException outage ->
                new ProblemException(Problem.STORE_UNAVAILABLE, outage.getMessage() + ". " + tally.text());
            case BrokenBodyException _ -> new ProblemException(Problem.REQUEST_MALFORMED,
                    "The framing of the body is broken. " + tally.text());
            default -> failure;
        };
    }

    private static Flux<Line> lines(ServerRequest request) {
        // A client that stalls must not keep its place among the imports.
        Flux<DataBuffer> body = request.body(BodyExtractors.toDataBuffers()).timeout(LONGEST_SILENCE,
                Flux.error(() -> new ProblemException(Problem.REQUEST_MALFORMED,
                        "Nothing came for " + LONGEST_SILENCE.toSeconds() + " s.")));
        return LineSplitter.split(body, MAX_LINE);
    }

    private Mono<ServerResponse> stream(Flux<ObjectNode> parts, ImportTally tally) {
        Flux<ObjectNode> whole = parts.onErrorResume(failure -> {
            Problem problem = failure instanceof ProblemException known ? known.problem() : Problem.INTERNAL_ERROR;
            String detail = failure instanceof ProblemException known
                    ? known.detail()
                    : problem.title() + " " + tally.text();
            return Mono.just(tally.progress().put("reason", problem.word()).put("detail", detail));
        });
        return ServerResponse.ok().contentType(MediaType.APPLICATION_NDJSON).body((output, _) -> {
            Flux<Mono<DataBuffer>> written = whole.map(part -> Mono.fromSupplier(() -> output.bufferFactory()
                    .wrap((JSON.writeValueAsString(part) + "\n").getBytes(StandardCharsets.UTF_8))));
            // Asked before the first byte: from then on a refusal could not have a status of its own.
            return ifNotBusy(output.writeAndFlushWith(written));
        });
    }

    /**
     * Lines as they were read.
     *
     * @param lines  how many there are
     * @param good   those that name a device
     * @param wanted the devices that they name
     * @param bad    what is wrong with the others
     */
    private record Window(int lines, List<Line> good, List<NewDevice> wanted, Map<Line, ProblemException> bad) {}

    private static Window read(List<Line> lines) {
        Window window = new Window(lines.size(), new ArrayList<>(lines.size()), new ArrayList<>(lines.size()),
                new LinkedHashMap<>());
        for (Line line : lines) {
            try {
                byte[] text = text(line);
                if (!isBlank(text)) {
                    window.wanted().add(DevicesEndpoint.newDevice(JsonInput.parseLine(text, DevicesEndpoint.MEMBERS)));
                    window.good().add(line);
                }
            } catch (ProblemException wrong) {
                window.bad().put(line, wrong);
            }
        }
        return window;
    }

    private Flux<ObjectNode> add(AccountId account, Window window, ImportTally tally) {
        long before = tally.lines();
        tally.lines(window.lines());
        window.bad().forEach((line, wrong) -> tally.refuse(line, wrong.problem(), wrong.detail()));
        String mark = Devices.newMark();
        return devices.add(account, window.wanted(), mark)
                // The same mark: what an attempt without an answer added counts as added.
                .retryWhen(Retry.backoff(RETRIES, FIRST_RETRY).maxBackoff(LAST_RETRY)
                        .filter(StoreUnavailableException.class::isInstance)
                        .onRetryExhaustedThrow((_, last) -> last.failure()))
                .flatMapMany(outcomes -> {
                    for (int i = 0; i < window.good().size(); i++) {
                        AddDeviceOutcome outcome = outcomes.get(i);
                        if (outcome == AddDeviceOutcome.ACCOUNT_GONE) {
                            return Flux.error(new ProblemException(Problem.NOT_FOUND, "The account was deleted."));
                        }
                        tally.count(window.good().get(i), window.wanted().get(i), outcome);
                    }
                    return before / PROGRESS < tally.lines() / PROGRESS ? Flux.just(tally.progress()) : Flux.empty();
                });
    }

    /** The line without the mark that some programs put before the first. */
    private static byte[] text(Line line) {
        if (line.tooLong()) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The line has more than " + MAX_LINE + " bytes.");
        }
        byte[] bytes = line.bytes();
        return line.number() == 1 && bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3)
                ? Arrays.copyOfRange(bytes, 3, bytes.length)
                : bytes;
    }

    private static boolean isBlank(byte[] text) {
        for (byte character : text) {
            if (character != ' ' && character != '\t') {
                return false;
            }
        }
        return true;
    }
}
