package dev.postern.management.contract;

/** An error that a call can be answered with. */
public interface Refusal {
    /** The reason, as callers compare it. */
    String word();

    int status();

    String title();
}
