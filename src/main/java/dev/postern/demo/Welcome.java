package dev.postern.demo;

import java.nio.file.Files;
import java.nio.file.Path;

/** The text that a start with the demo prints: commands to try, some allowed and some refused for different reasons. */
final class Welcome {
    private Welcome() {}

    static String text(String publicPort, String managementPort, SampleData data, Path operatorToken) {
        String gate = "http://127.0.0.1:" + publicPort;
        // The commands read the key from its file, because printed text ends up in logs.
        String curl = "curl -s -H \"api-key: $(cat '" + data.apiKeyFile() + "')\" ";
        String tracker = "'" + gate + "/devices/" + SampleBackend.TRACKER;
        return """

                Postern is up, with a sample device backend and a sample key. Paste these:

                # allowed: the key may read the stream gps of this device
                %s

                # refused, device_not_permitted: this device is not in the key
                %s

                # refused, stream_not_permitted: the key permits only the stream gps of this device
                %s

                # refused, action_not_permitted: the key may read this device, not delete it
                %s

                # refused, device_over_quota: the free license covers three devices, and this is the fourth
                %s

                # the account's keys, with its master key
                %s

                # the accounts, with the operator's token, on the management port
                %s

                postern.demo=false starts without all this.
                """.formatted(
                curl + tracker + "/datapoints?datastream_id=gps'",
                curl + "'" + gate + "/devices/" + SampleBackend.SOMEONE_ELSES + "'",
                curl + tracker + "/datapoints?datastream_id=temp'",
                curl + "-X DELETE '" + gate + "/devices/" + SampleBackend.WEATHER_STATION + "'",
                curl + "'" + gate + "/devices/" + SampleBackend.GREENHOUSE + "'",
                "curl -s -H \"api-key: $(cat '" + data.masterKeyFile() + "')\" '" + gate + "/keys'",
                Files.exists(operatorToken)
                        ? "curl -s -H \"Authorization: Bearer $(cat '" + operatorToken + "')\" 'http://127.0.0.1:"
                                + managementPort
                                + "/api/v1/accounts'"
                        : "(the operator token is configured and not in a file)");
    }
}
