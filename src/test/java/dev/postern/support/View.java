package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate.Customer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * All that the management API shows of an account's devices and license, to be compared with a later view.
 *
 * @param devices  every device, in the order of the list
 * @param groups   projects and users with their devices
 * @param license  the license as it is shown
 * @param entries  how many entries the ledger has
 */
public record View(List<String> devices, List<String> groups, String license, int entries) {
    public static View of(Customer customer) {
        return new View(devices(customer, "").stream().map(JsonNode::toString).toList(),
                List.of(customer.manage("GET", "/projects?per_page=100", "").text(),
                        customer.manage("GET", "/users?per_page=100", "").text()),
                customer.manage("GET", "/license", "").text(), entries(customer));
    }

    /** Every device that a query such as {@code &seat=true} lets through, from all pages. */
    public static List<JsonNode> devices(Customer customer, String query) {
        List<JsonNode> all = new ArrayList<>();
        for (int page = 1;; page++) {
            Reply reply = customer.manage("GET", "/devices?per_page=100&page=" + page + query, "");
            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            reply.json().required("devices").forEach(all::add);
            if (reply.json().required("devices").size() < 100) {
                assertThat(all).as("total_count").hasSize(reply.json().required("total_count").intValue());
                return all;
            }
        }
    }

    public static List<String> ids(Customer customer, String query) {
        return devices(customer, query).stream().map(device -> device.required("id").stringValue()).toList();
    }

    public static List<String> ids(Customer customer) {
        return ids(customer, "");
    }

    public static JsonNode license(Customer customer) {
        return customer.manage("GET", "/license", "").json();
    }

    public static int used(Customer customer) {
        return license(customer).required("used").intValue();
    }

    public static int entries(Customer customer) {
        return customer.manage("GET", "/license/ledger?per_page=1", "").json().required("total_count").intValue();
    }

    /** The whole ledger, the oldest entry first. */
    public static List<JsonNode> ledger(Customer customer) {
        List<JsonNode> all = new ArrayList<>();
        String last = "0-0";
        while (true) {
            JsonNode part = customer.manage("GET", "/license/ledger?per_page=1000&after=" + last, "").json();
            part.required("entries").forEach(all::add);
            if (part.required("entries").isEmpty()) {
                assertThat(all).as("total_count").hasSize(part.required("total_count").intValue());
                return all;
            }
            last = all.getLast().required("id").stringValue();
        }
    }

    /**
     * The devices that have a seat according to the whole ledger, in the order in which they got it. Checks the count
     * in each entry, too.
     */
    public static Set<String> replayed(Customer customer) {
        Set<String> seated = new LinkedHashSet<>();
        for (JsonNode entry : ledger(customer)) {
            String device = entry.required("device").stringValue();
            switch (entry.required("event").stringValue()) {
                case "taken" -> assertThat(seated.add(device)).as("%s", entry).isTrue();
                case "lost" -> assertThat(seated.remove(device)).as("%s", entry).isTrue();
                case "moved" -> {
                    assertThat(seated.remove(entry.required("from").stringValue())).as("%s", entry).isTrue();
                    assertThat(seated.add(device)).as("%s", entry).isTrue();
                }
                default -> throw new AssertionError(entry.toString());
            }
            assertThat(seated).as("%s", entry).hasSize(entry.required("used").intValue());
        }
        assertThat(seated).as("those with a seat in the list")
                .containsExactlyInAnyOrderElementsOf(ids(customer, "&seat=true"));
        assertThat(seated).as("used").hasSize(used(customer));
        return seated;
    }
}
