package dev.postern.sizing;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A load, and the gates that take it. The defaults are the assumptions of {@code docs/how-to/size.md}. Rates are by
 * second, and of all gates together.
 *
 * @param calls calls of the device API
 * @param devices registered devices, all with seats
 * @param keys API keys in use; each permits an equal share of the devices
 * @param accounts accounts, all of the same size
 * @param exponent of Zipf's law, which says how unequally keys are used; 0 if all are used equally
 * @param sticky whether the load balancer sends all calls with a key to the same gate
 * @param keyChanges keys that are made, changed or revoked
 * @param seatChanges devices that are deleted, and licenses that are changed
 * @param devicesAdded devices that are registered
 * @param callMicros processor time of a call at a gate, in microseconds
 * @param cores processors of a gate
 * @param busy the part of them that calls may take
 * @param timeToLive of cached credentials, in seconds
 * @param rememberFor how long a gate remembers that a device has a seat, in seconds
 * @param cachedRecords records that fit into the near cache
 * @param cachedSeats seats that a gate remembers
 * @param roundTrip from a gate to Redis and back, in seconds
 * @param callBytes bytes of a request and its response together, as sent between client and gate
 * @param years how long the counts of calls and active devices have been kept; they are dropped after 400 days
 *                    (months of active devices: after five years)
 */
record Deployment(@DefaultValue("10000") double calls, @DefaultValue("10000000") long devices,
        @DefaultValue("1000000") long keys, @DefaultValue("1000") long accounts, @DefaultValue("1") double exponent,
        @DefaultValue("false") boolean sticky, @DefaultValue("10") double keyChanges,
        @DefaultValue("1") double seatChanges, @DefaultValue("10") double devicesAdded,
        @DefaultValue("75.3") double callMicros, @DefaultValue("2") int cores, @DefaultValue("0.6") double busy,
        @DefaultValue("30") double timeToLive, @DefaultValue("30") double rememberFor,
        @DefaultValue("103000") long cachedRecords, @DefaultValue("100000") long cachedSeats,
        @DefaultValue("0.0005") double roundTrip, @DefaultValue("1000") double callBytes,
        @DefaultValue("2") double years) {
    /** Entries of the log of changes. Adding a device to an account changes nothing that gates remember. */
    double entries() {
        return keyChanges + seatChanges;
    }

    Popularity popularityOfKeys() {
        return Popularity.zipf(keys, exponent);
    }
}
