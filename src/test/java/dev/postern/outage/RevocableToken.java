package dev.postern.outage;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import tools.jackson.databind.JsonNode;

/** A static token that no gate has cached yet, and how to revoke it. */
record RevocableToken(Customer customer, String id, String secret) {
    static RevocableToken of(Customer customer, int number) {
        JsonNode made = customer.make("/static-tokens",
                "{\"name\":\"" + customer.account() + " " + number + "\"}");
        return new RevocableToken(customer, made.required("id").stringValue(), made.required("token").stringValue());
    }

    Reply revoke(String query) {
        return customer.manage("DELETE", "/static-tokens/" + id + query, "");
    }

    JsonNode receipt() {
        return revoke("?receipt=true").json().required("receipt");
    }

    int status(TestGate gate) {
        return gate.call(secret, "GET", "/devices/lamp").status();
    }

    /** How many replicas were connected when it was revoked, and how many of them confirmed it. */
    static String replicas(JsonNode receipt) {
        return receipt.required("replicas").toString();
    }
}
