package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.issuance.Accounts;
import dev.postern.license.AddDeviceOutcome;
import dev.postern.license.Devices;
import dev.postern.license.NewDevice;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.store.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * {@code …/devices:import}: adds devices, one per line, as the lines arrive. An invalid line is reported, and the other
 * lines are still imported. A client that accepts {@code application/x-ndjson} receives progress reports. Repeating an
 * import changes nothing.
 */
final class DeviceImportEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_LINE = 4096;
    /**
     * The number of lines added together. It is large, so that a command for one bucket of device owners covers many
     * devices.
     */
    private static final int WINDOW = 4096;
    private static final int PROGRESS = 10_000;
    private static final int MAX_RUNNING = 2;
    private static final int RETRIES = 10;
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);
    /** Longer than the gate waits for Redis in an outage: while it waits, it reads nothing from the client. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Accounts accounts;
    private final Devices devices;
    private final Scheduler workers;
    private final Slots slots = new Slots(MAX_RUNNING,
            "This gate is already running " + MAX_RUNNING + " imports, the maximum.");

    /** @param workers where lines are parsed */
    DeviceImportEndpoint(Accounts accounts, Devices devices, Scheduler workers) {
        this.accounts = accounts;
        this.devices = devices;
        this.workers = workers;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, DevicesEndpoint.PLURAL + ":import").on(
                Operation.post("", "importDevices", "Adds devices, one JSON object per line. Can be repeated.")
                        .in("Devices").takes(DeviceShapes.NEW_DEVICE).returns(DeviceShapes.IMPORTED)
                        .with(Trait.BODY_OF_LINES).without(Trait.IDEMPOTENCY_KEY),
                this::run).build();
    }

    private Mono<ServerResponse> run(AccountId account, ServerRequest request) {
        boolean progress = request.headers().accept().stream()
                .anyMatch(type -> type.equalsTypeAndSubtype(MediaType.APPLICATION_NDJSON));
        ImportTally tally = new ImportTally();
        Flux<ObjectNode> parts = lines(request).publishOn(workers, WINDOW).buffer(WINDOW)
                .map(DeviceImportEndpoint::read)
                // The next lines are read while the devices of this window are added.
                .concatMap(window -> add(account, window, tally), 1)
                .concatWith(Mono.fromSupplier(tally::result))
                .onErrorMap(failure -> brokenOff(failure, tally));
        return progress ? stream(parts, tally) : slots.run(parts.last()).flatMap(Replies::ok);
    }

    /** The error that aborted an import, with the progress it made. */
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
        // A stalled client must not occupy one of the import slots.
        Flux<DataBuffer> body = request.body(BodyExtractors.toDataBuffers()).timeout(LONGEST_SILENCE,
                Flux.error(() -> new ProblemException(Problem.REQUEST_MALFORMED,
                        "Nothing was received for " + LONGEST_SILENCE.toSeconds() + " s.")));
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
            // Checked before the first byte is sent: after that, a refusal could not have its own status.
            return slots.write(written, output::writeAndFlushWith);
        });
    }

    /**
     * A number of parsed lines.
     *
     * @param lines  the number of lines
     * @param good   the lines that name a device
     * @param wanted the devices to add, one for each good line
     * @param bad    the problems of the other lines
     */
    private record Window(int lines, List<Line> good, List<NewDevice> wanted, Map<Line, ProblemException> bad) {}

    private static Window read(List<Line> lines) {
        Window window = new Window(lines.size(), new ArrayList<>(lines.size()), new ArrayList<>(lines.size()),
                new LinkedHashMap<>());
        for (Line line : lines) {
            try {
                byte[] text = text(line);
                if (!isBlank(text)) {
                    window.wanted().add(DevicesEndpoint
                            .newDevice(JsonInput.parseLine(text, DeviceShapes.NEW_DEVICE.memberNames())));
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
                // Retries use the same mark, so that devices which an unanswered attempt added are reported as added.
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

    /** The line without the byte order mark that some programs write at the start of a file. */
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
