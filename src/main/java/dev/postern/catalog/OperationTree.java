package dev.postern.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds operations by path. A literal segment takes precedence over a variable, without backtracking:
 * {@code /devices/status} is never read as the device "status", neither by this matcher nor by a looser one behind it.
 */
final class OperationTree {
    private final Map<String, OperationTree> literals = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private @Nullable OperationTree variable;
    private PathTemplate.@Nullable Segment variableSegment;

    void add(String where, Operation operation) {
        OperationTree node = this;
        for (PathTemplate.Segment segment : operation.path().segments()) {
            node = node.child(where, segment);
        }
        for (Operation other : node.operations) {
            for (String method : operation.methods()) {
                if (other.takes(method)) {
                    throw new CatalogException(where, "'" + method + " " + operation.path()
                            + "' already is an operation of the API " + other.api() + ", as '" + other + "'");
                }
            }
        }
        node.operations.add(operation);
    }

    private OperationTree child(String where, PathTemplate.Segment segment) {
        if (segment instanceof PathTemplate.Segment.Literal(var text)) {
            return literals.computeIfAbsent(text, _ -> new OperationTree());
        }
        PathTemplate.Segment known = variableSegment;
        if (known != null && !known.getClass().equals(segment.getClass())) {
            throw new CatalogException(where,
                    "this path has {" + "variable} where another one has {variable:digits}_{rest}");
        }
        variableSegment = segment;
        OperationTree next = variable;
        if (next == null) {
            next = new OperationTree();
            variable = next;
        }
        return next;
    }

    List<Operation> find(List<String> segments) {
        OperationTree node = this;
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            OperationTree next = node.literals.get(segment);
            if (next == null) {
                next = node.variable;
            }
            if (next == null) {
                return List.of();
            }
            node = next;
        }
        return node.operations;
    }
}
