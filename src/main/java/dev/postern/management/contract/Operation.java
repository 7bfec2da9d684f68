package dev.postern.management.contract;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * The declaration of one call: its method and path, and what it accepts and returns. The declaration is complete before
 * the route of the call exists.
 */
public final class Operation {
    /** The maximum size of a body in bytes, unless the operation declares another. */
    public static final int MAX_BODY = 1024 * 1024;
    private static final String ATTRIBUTE = Operation.class.getName();

    private final HttpMethod method;
    private final String id;
    private final String summary;
    private final List<Parameter> parameters = new ArrayList<>();
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private final Set<Refusal> refusals = new LinkedHashSet<>();
    private String path;
    private String tag = "";
    private int status = 200;
    private int maxBody = MAX_BODY;
    private @Nullable Shape body;
    private @Nullable Shape reply;

    /** What an operation can have in addition to its parameters and bodies. */
    public enum Trait {
        /** The body may be left out. */
        BODY_OPTIONAL,
        /** The body is one JSON object per line. */
        BODY_OF_LINES,
        /** The reply is one JSON object per line. */
        REPLY_OF_LINES,
        /** The reply has an {@code ETag}. */
        ETAG,
        /** The call accepts {@code If-Match}. */
        IF_MATCH,
        /** The call accepts {@code If-None-Match}, and then may answer 304. */
        IF_NONE_MATCH,
        /** The call accepts {@code Idempotency-Key}. */
        IDEMPOTENCY_KEY,
        /** The reply says where the new resource is. */
        LOCATION,
        /** The call changes nothing, although it is a POST. */
        COMPUTES
    }

    private Operation(HttpMethod method, String path, String id, String summary) {
        this.method = method;
        this.path = path;
        this.id = id;
        this.summary = summary;
    }

    /**
     * Declares a call.
     *
     * @param path    a path template, absolute or relative to that of a resource
     * @param id      unique among all operations
     * @param summary a sentence
     */
    public static Operation get(String path, String id, String summary) {
        return new Operation(HttpMethod.GET, path, id, summary);
    }

    /** Declares a call that computes something from its body, and changes nothing. */
    public static Operation compute(String path, String id, String summary) {
        return new Operation(HttpMethod.POST, path, id, summary).with(Trait.COMPUTES);
    }

    /** Declares a call that may be repeated with an {@code Idempotency-Key}. */
    public static Operation post(String path, String id, String summary) {
        return new Operation(HttpMethod.POST, path, id, summary).with(Trait.IDEMPOTENCY_KEY);
    }

    public static Operation put(String path, String id, String summary) {
        return new Operation(HttpMethod.PUT, path, id, summary);
    }

    /** Declares a call that is answered with 204, or with 200 and a receipt. */
    public static Operation delete(String path, String id, String summary) {
        Operation operation = new Operation(HttpMethod.DELETE, path, id, summary);
        operation.status = 204;
        return operation;
    }

    /** The operation that serves a request, from its attributes. */
    public static Operation of(Map<String, Object> attributes) {
        return (Operation) Objects.requireNonNull(attributes.get(ATTRIBUTE), "no operation serves this request");
    }

    /** The same; empty if no operation of this API serves the request. */
    public static Optional<Operation> find(Map<String, Object> attributes) {
        return Optional.ofNullable((Operation) attributes.get(ATTRIBUTE));
    }

    /** Notes that this operation serves a request. */
    public void serve(Map<String, Object> attributes) {
        attributes.put(ATTRIBUTE, this);
    }

    /** Puts the path below another one. */
    public Operation under(String parent) {
        path = parent + path;
        return this;
    }

    /** @param group the heading under which the document lists the operation */
    public Operation in(String group) {
        tag = group;
        return this;
    }

    public Operation accepts(Parameter... more) {
        parameters.addAll(List.of(more));
        return this;
    }

    /** @param members the object that the call expects as its body */
    public Operation takes(Shape members) {
        body = members;
        return this;
    }

    /** @param bytes the maximum size of the body */
    public Operation upTo(int bytes) {
        maxBody = bytes;
        return this;
    }

    public Operation with(Trait... more) {
        traits.addAll(List.of(more));
        return this;
    }

    public Operation without(Trait trait) {
        traits.remove(trait);
        return this;
    }

    /** Declares the body of the reply, with status 200. */
    public Operation returns(Shape shape) {
        reply = shape;
        return this;
    }

    /** Declares the body of the reply, with status 201. */
    public Operation creates(Shape shape) {
        status = 201;
        return returns(shape).with(Trait.LOCATION);
    }

    /** Declares a member that the reply may have in addition to those of its shape. */
    public Operation addToReply(Shape.Member member) {
        reply = reply == null ? Shape.object(member) : reply.with(member);
        return this;
    }

    /** Declares the errors that this operation has in addition to those that every operation has. */
    public Operation refuses(Refusal... more) {
        refusals.addAll(List.of(more));
        return this;
    }

    public boolean has(Trait trait) {
        return traits.contains(trait);
    }

    public HttpMethod method() {
        return method;
    }

    public boolean reads() {
        return method.equals(HttpMethod.GET);
    }

    public boolean changes() {
        return !reads() && !has(Trait.COMPUTES);
    }

    public String path() {
        return path;
    }

    public String id() {
        return id;
    }

    String summary() {
        return summary;
    }

    String tag() {
        return tag;
    }

    int status() {
        return status;
    }

    public int maxBody() {
        return maxBody;
    }

    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    public Optional<Shape> body() {
        return Optional.ofNullable(body);
    }

    /** The members that the body may have. */
    public List<String> memberNames() {
        return body().map(Shape::memberNames).orElse(List.of());
    }

    Optional<Shape> reply() {
        return Optional.ofNullable(reply);
    }

    List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
