package dev.postern.call;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The two ways through the gate: the express lane, and the chain of filters of Spring Cloud Gateway. */
public enum Lane {
    EXPRESS("express"), CHAIN("chain");

    /** The response header that names the lane, if the operator wants it. */
    public static final String HEADER = "X-Postern-Lane";

    private static final AttributeKey<Declined> DECLINED = AttributeKey.valueOf(Lane.class, "declined");

    /** Why a call goes through the chain. */
    public enum Declined {
        /** The express lane is off. */
        OFF,
        /** The operator has added filters, routes or limits that only the chain has. */
        CUSTOMIZED,
        /** HTTP/2. */
        HTTP2,
        /** The head is not in the plain form. */
        HEAD,
        /** A method other than GET, HEAD, POST, PUT and DELETE. */
        METHOD,
        /** No operation of the catalogue, or an ambiguous request. */
        OPERATION,
        /** The gate answers the call itself. */
        OWN,
        /** The API has filters. */
        FILTERS,
        /** The API has no backend. */
        NO_BACKEND,
        /** The call registers or removes a device. */
        EFFECT,
        /** A call from a web page, with CORS. */
        CORS,
        /** A GET or HEAD with a body. */
        BODY;

        /** The value of the label {@code reason}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final String word;

    Lane(String word) {
        this.word = word;
    }

    /** The value of the label {@code lane}. */
    public String word() {
        return word;
    }

    /** Notes why the next calls on a connection go through the chain. */
    public static void decline(Channel connection, Declined why) {
        connection.attr(DECLINED).set(why);
    }

    /** Why the calls on a connection go through the chain; null if nothing was noted. */
    public static @Nullable Declined declined(Channel connection) {
        return connection.attr(DECLINED).get();
    }
}
