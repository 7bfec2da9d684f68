package dev.postern.backend;

/** Limits how much of a resource one account, and one of its credentials, may hold: to a multiple of what is free. */
final class Threshold {
    /** With fewer slots than this, none is reserved for others, because a single account would notice the loss. */
    private static final int SMALLEST_SHARED = 8;

    private final int size;
    private final double ofAccount;
    private final double ofCredential;

    Threshold(int size, double accountShare, double credentialShare) {
        this.size = size;
        boolean shared = size >= SMALLEST_SHARED;
        this.ofAccount = shared ? multiple(accountShare) : Double.POSITIVE_INFINITY;
        this.ofCredential = shared ? multiple(credentialShare) : Double.POSITIVE_INFINITY;
    }

    /** A single account holds the share s of the whole if it may hold s / (1 - s) times what it leaves free. */
    private static double multiple(double share) {
        return share >= 1 ? Double.POSITIVE_INFINITY : share / (1 - share);
    }

    /** Whether one more may be taken, given the numbers held in total, by the account and by the credential. */
    boolean allows(int held, int byAccount, int byCredential) {
        int free = size - held;
        return free > 0 && fits(byAccount, free, ofAccount) && fits(byCredential, free, ofCredential);
    }

    /** One stays free for callers that hold none. */
    private boolean fits(int held, int free, double multiple) {
        return held == 0 || multiple == Double.POSITIVE_INFINITY || held + 1 <= multiple * (free - 1);
    }
}
