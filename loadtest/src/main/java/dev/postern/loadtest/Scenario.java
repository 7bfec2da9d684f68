package dev.postern.loadtest;

import java.util.Locale;

/** What clients do. */
enum Scenario {
    GET("a small GET", 64, 0),
    POINTS("a POST of data points, with a key that is limited to data streams", 64, 0),
    REFUSALS("a GET with one of 200 made-up keys", 64, 1),
    FLOOD("a GET with a made-up key, another one in each call", 64, 1),
    UPLOAD("a POST of 16 KiB", 64, 0),
    TLS("a small GET over TLS", 64, 0),
    CONNECT("a small GET on a connection of its own", 64, 0),
    MANY("a small GET with one of many keys for one of many devices, at random", 64, 0),
    DENIALS("a small GET, every other one with a made-up key", 64, 0.5),
    SLOW("a small GET of a backend that takes 50 ms, on 2000 connections", 2_000, 0),
    STREAMS("a download of 1 MiB, 100 at once", 100, 0);

    private final String title;
    private final int connections;
    private final double refused;

    Scenario(String title, int connections, double refused) {
        this.title = title;
        this.connections = connections;
        this.refused = refused;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    int connections() {
        return connections;
    }

    /** The share of the calls that a contestant with a check refuses. */
    double refused() {
        return refused;
    }
}
