package dev.postern.access;

import java.util.List;

/** The data streams that a request names. */
public sealed interface Streams {
    /** None is named: the request asks for the whole device. */
    record WholeDevice() implements Streams {}

    /** These streams are named, at least one. */
    record Named(List<StreamId> streams) implements Streams {
        public Named {
            streams = List.copyOf(streams);
            if (streams.isEmpty()) {
                throw new IllegalArgumentException("a request that names no stream asks for the whole device");
            }
        }
    }

    /** Streams may be named in a body that has not been read. Must be treated as if the whole device were requested. */
    record InBody(List<StreamId> besides) implements Streams {
        public InBody {
            besides = List.copyOf(besides);
        }
    }

    /** The usual request. */
    WholeDevice WHOLE = new WholeDevice();

    static Streams of(List<StreamId> named) {
        return named.isEmpty() ? WHOLE : new Named(named);
    }
}
