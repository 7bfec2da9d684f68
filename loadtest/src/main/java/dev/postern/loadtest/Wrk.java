package dev.postern.loadtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs wrk: as many calls as the contestant can serve, on a fixed number of connections. */
final class Wrk {
    private static final Pattern CALLS = Pattern.compile("(\\d+) requests in ([0-9.]+)(s|m)");
    private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern ERRORS = Pattern
            .compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
    private static final int MADE_UP = 200;
    static final String POINTS = "{\"datastreams\":[{\"id\":\"temp\",\"datapoints\":[{\"at\":\"2026-01-01T00:00:00\","
            + "\"value\":21.5},{\"at\":\"2026-01-01T00:01:00\",\"value\":21.7}]}]}";
    static final String UPLOAD = "{\"value\":\"" + "x".repeat(16 * 1024) + "\"}";

    private final Path folder;
    private final List<Identity> many;

    /** A key and a device that it permits. */
    record Identity(String key, String device) {}

    /**
     * What wrk saw.
     *
     * @param calls   answered calls
     * @param refused answers other than 2xx and 3xx
     * @param errors  broken connections and timeouts
     * @param seconds how long it took
     */
    record Outcome(long calls, long refused, long errors, double seconds) {
        double rate() {
            return calls / seconds;
        }
    }

    Wrk(Path folder, List<Identity> many) {
        this.folder = folder;
        this.many = many;
    }

    Outcome run(Contestant contestant, Scenario scenario, int seconds) {
        try {
            Path script = folder.resolve(contestant.name().replaceAll("\\W+", "-") + "-" + scenario.word() + ".lua");
            if (!Files.exists(script)) {
                Files.writeString(script, script(contestant, scenario));
            }
            Process wrk = new ProcessBuilder("wrk", "-t1", "-c" + scenario.connections(), "-d" + seconds + "s",
                    "--timeout", "10s", "-s", script.toString(), contestant.address(scenario))
                    .redirectErrorStream(true).start();
            String text = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (wrk.waitFor() != 0) {
                throw new Failure("wrk failed for " + contestant.name() + ":\n" + text);
            }
            return outcome(text);
        } catch (IOException failed) {
            throw new Failure("cannot run wrk", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }

    private static Outcome outcome(String text) {
        Matcher calls = CALLS.matcher(text);
        if (!calls.find()) {
            throw new Failure("wrk printed no number of calls:\n" + text);
        }
        Matcher other = OTHER_STATUS.matcher(text);
        Matcher errors = ERRORS.matcher(text);
        long broken = 0;
        if (errors.find()) {
            for (int i = 1; i <= errors.groupCount(); i++) {
                broken += Long.parseLong(errors.group(i));
            }
        }
        double seconds = Double.parseDouble(calls.group(2)) * (calls.group(3).equals("m") ? 60 : 1);
        return new Outcome(Long.parseLong(calls.group(1)), other.find() ? Long.parseLong(other.group(1)) : 0, broken,
                seconds);
    }

    private String script(Contestant contestant, Scenario scenario) {
        StringBuilder lua = new StringBuilder();
        contestant.headers(scenario)
                .forEach((name, value) -> lua.append("wrk.headers[\"%s\"] = \"%s\"%n".formatted(name, value)));
        switch (scenario) {
            case GET, TLS, CONNECT, SLOW, STREAMS -> lua.append("wrk.path = \"/devices/lamp\"\n");
            case POINTS -> post(lua, "/devices/lamp/datapoints", POINTS);
            case UPLOAD -> post(lua, "/devices/lamp/datapoints", UPLOAD);
            case REFUSALS -> madeUp(lua, contestant, 1);
            case FLOOD -> flood(lua, contestant);
            case DENIALS -> madeUp(lua, contestant, 2);
            case MANY -> many(lua, contestant);
        }
        return lua.toString();
    }

    private static void post(StringBuilder lua, String path, String body) {
        lua.append("wrk.method = \"POST\"\nwrk.path = \"%s\"\nwrk.body = [[%s]]\n".formatted(path, body));
    }

    /** @param each 1 if every call has a made-up credential, 2 if every second call has one */
    private static void madeUp(StringBuilder lua, Contestant contestant, int each) {
        lua.append("""
                local calls = {}
                function init()
                  for i = 1, %d do
                    local headers = {}
                    if "%s" ~= "" then
                      headers["%s"] = (i %% %d == 0) and ("%s" .. string.format("%%08d", i * 4127 %% 100000000)) or "%s"
                    end
                    calls[i] = wrk.format("GET", "/devices/lamp", headers)
                  end
                end
                local at = 0
                function request()
                  at = at %% #calls + 1
                  return calls[at]
                end
                """.formatted(MADE_UP, contestant.header(), contestant.header(), each, contestant.bad(),
                contestant.good()));
    }

    private static void flood(StringBuilder lua, Contestant contestant) {
        lua.append("""
                local at = math.random(100000000)
                local before, after = wrk.format("GET", "/devices/lamp", {["%s"] = "%s12345678"}):match("^(.*)12345678(.*)$")
                function request()
                  at = (at + 1) %% 100000000
                  return before .. string.format("%%08d", at) .. after
                end
                """.formatted(contestant.header(), contestant.bad()));
    }

    private void many(StringBuilder lua, Contestant contestant) {
        StringBuilder pairs = new StringBuilder();
        many.forEach(pair -> pairs.append(pair.key()).append(' ').append(pair.device()).append('\n'));
        Path file = folder.resolve("many.txt");
        try {
            Files.writeString(file, pairs);
        } catch (IOException failed) {
            throw new Failure("cannot write " + file, failed);
        }
        lua.append("""
                local calls = {}
                function init()
                  for line in io.lines("%s") do
                    local key, device = line:match("^(%%S+) (%%S+)$")
                    local headers = {}
                    if "%s" ~= "" then headers["%s"] = key end
                    calls[#calls + 1] = wrk.format("GET", "/devices/" .. device, headers)
                  end
                end
                function request()
                  return calls[math.random(#calls)]
                end
                """.formatted(file, contestant.header(), contestant.header()));
    }

}
