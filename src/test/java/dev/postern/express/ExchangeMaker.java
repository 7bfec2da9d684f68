package dev.postern.express;

import dev.postern.express.Exchange.Ask;
import dev.postern.express.Exchange.Step;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes random exchanges: the same ones for the same seed. */
final class ExchangeMaker {
    private ExchangeMaker() {}

    /** Makes the API keys of the requests. The last one permits only one stream of one of its devices. */
    static List<String> newKeys(TestGate gate) {
        Customer customer = gate.newCustomer();
        String methods = "\"access_methods\":[\"get\",\"post\",\"put\",\"delete\"],";
        String wide = newKey(customer, "[{" + methods + "\"resources\":[{\"dev_id\":\"lamp\"},{\"dev_id\":\"7\"}]}]");
        String narrow = newKey(customer, "[{" + methods + "\"resources\":[{\"dev_id\":\"lamp\"},{\"dev_id\":\"half\","
                + "\"ds_id\":\"gps\"}]}]");
        return List.of(wide, narrow);
    }

    private static String newKey(Customer customer, String permissions) {
        return TestGate.patiently(() -> customer.newKey(permissions));
    }

    /** @param api index in {@link RequestMaker#APIS} */
    static Exchange make(long seed, int api, List<String> keys) {
        Random random = new Random(seed);
        RequestMaker maker = new RequestMaker(random, api, keys);
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(2);
        for (int step = 0; step < count; step++) {
            List<Ask> asks = new ArrayList<>();
            int pipelined = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
            for (int ask = 0; ask < pipelined; ask++) {
                asks.add(maker.next("e" + seed + "-" + step + "-" + ask, ask == pipelined - 1));
            }
            steps.add(new Step(asks, cuts(random, new Step(asks, List.of()).bytes().length)));
        }
        steps.add(new Step(List.of(maker.probe("e" + seed + "-probe")), List.of()));
        return new Exchange(steps);
    }

    private static List<Integer> cuts(Random random, int length) {
        return random.nextBoolean()
                ? List.of()
                : random.ints(1 + random.nextInt(3), 0, length + 1).sorted().boxed().toList();
    }

    /** The share of a gate's calls that were on the express lane. */
    static double shareOnLane(TestGate gate) {
        double express = 0;
        double all = 0;
        for (Counter counter : gate.context().getBean(MeterRegistry.class).find("postern.lane.calls").counters()) {
            all += counter.count();
            express += "express".equals(counter.getId().getTag("lane")) ? counter.count() : 0;
        }
        return express / all;
    }
}
