package dev.orrery.optim;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The parameters of an optimizer with what it remembers about each.
final class Slots {

    /// Number of steps taken, a scalar beside each parameter's other state.
    static final String STEP = "step";

    /// One trained parameter.
    record Slot(String name, Tensor parameter, Map<String, Tensor> state) {}

    /// Slots that share a rate and a decay.
    record Group(double rateFactor, double decayFactor, List<Slot> slots) {

        /// The slots that hold a gradient now, as parallel lists. Belongs to the open scope.
        Batch ready() {
            var batch = new Batch();
            for (var slot : slots) if (slot.parameter.hasGrad()) batch.add(slot);
            return batch;
        }
    }

    /// Parallel lists over the parameters of one step.
    static final class Batch {
        final List<Tensor> parameters = new ArrayList<>();
        final List<Tensor> gradients = new ArrayList<>();
        private final List<Slot> slots = new ArrayList<>();

        private void add(Slot slot) {
            slots.add(slot);
            parameters.add(slot.parameter);
            gradients.add(slot.parameter.grad());
        }

        boolean isEmpty() {
            return parameters.isEmpty();
        }

        List<Tensor> state(String kind) {
            return slots.stream().map(slot -> slot.state.get(kind)).toList();
        }
    }

    private final List<Group> groups = new ArrayList<>();

    Slots(List<ParameterGroup> groups, String... kinds) {
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var names = new LinkedHashSet<String>();
        for (var group : groups) {
            var slots = new ArrayList<Slot>();
            group.parameters()
                    .forEach((name, parameter) -> {
                        if (!parameter.requiresGrad() || !seen.add(parameter)) return;
                        if (!names.add(name))
                            throw new IllegalArgumentException(
                                    "two groups have a parameter '%s'; give each its own name"
                                            .formatted(name));
                        slots.add(new Slot(name, parameter, fresh(parameter, kinds)));
                    });
            this.groups.add(new Group(group.rateFactor(), group.decayFactor(), List.copyOf(slots)));
        }
        if (names.isEmpty())
            throw new IllegalArgumentException(
                    "there is no parameter to train; pass a module's parameters, not frozen");
    }

    private static Map<String, Tensor> fresh(Tensor parameter, String[] kinds) {
        var state = new LinkedHashMap<String, Tensor>();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            for (var kind : kinds)
                state.put(
                        kind,
                        TensorScope.release(
                                kind.equals(STEP)
                                        ? Tensor.zeros(DType.F32)
                                        : Tensor.zerosLike(parameter)));
        }
        return state;
    }

    List<Group> groups() {
        return groups;
    }

    Map<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        for (var group : groups) for (var slot : group.slots) all.put(slot.name, slot.parameter);
        return Collections.unmodifiableMap(all);
    }

    Map<String, Tensor> state() {
        var all = new LinkedHashMap<String, Tensor>();
        for (var group : groups)
            for (var slot : group.slots)
                slot.state.forEach((kind, tensor) -> all.put(slot.name + "." + kind, tensor));
        return Collections.unmodifiableMap(all);
    }

    void load(Map<String, Tensor> given) {
        copy(state(), given, "optimizer");
    }

    /// Copies tensors of the same names and shapes.
    static void copy(Map<String, Tensor> own, Map<String, Tensor> given, String what) {
        var faults = new ArrayList<String>();
        own.forEach((name, tensor) -> {
            var other = given.get(name);
            if (other == null) faults.add("missing " + name);
            else if (!Arrays.equals(other.shape(), tensor.shape()))
                faults.add("%s needs %s, got %s".formatted(name, tensor, other));
        });
        for (var name : given.keySet())
            if (!own.containsKey(name)) faults.add("unexpected " + name);
        if (!faults.isEmpty())
            throw new IllegalArgumentException(
                    "saved state does not fit this %s, %d faults: %s"
                            .formatted(
                                    what,
                                    faults.size(),
                                    String.join(
                                            "; ", faults.subList(0, Math.min(8, faults.size())))));
        try (var _ = Grad.disabled()) {
            own.forEach((name, tensor) -> tensor.copy_(given.get(name)));
        }
    }
}
