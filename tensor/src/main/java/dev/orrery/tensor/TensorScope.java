package dev.orrery.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Frees every tensor that was made inside it, at its end.
///
/// ```java
/// try (var scope = TensorScope.open()) {
///     var logits = model.forward(x);
///     return scope.keep(logits.softmax(-1));
/// }
/// ```
///
/// Scopes nest and belong to the thread that opened them; the innermost open one owns what the
/// thread makes. A tensor that a scope owns can be used by that thread only.
public final class TensorScope implements AutoCloseable {

    private static final ThreadLocal<@Nullable TensorScope> CURRENT = new ThreadLocal<>();

    private final @Nullable TensorScope outer = CURRENT.get();
    private final Thread thread = Thread.currentThread();
    private final @Nullable Trace opened = Trace.here("scope opened");
    private final List<Tensor> owned = new ArrayList<>();
    private boolean closed;

    private TensorScope() {}

    /// Opens a scope inside the thread's current one.
    public static TensorScope open() {
        var scope = new TensorScope();
        CURRENT.set(scope);
        return scope;
    }

    /// Moves a tensor to the scope outside this one, or out of all scopes if this is the outermost;
    /// there it lives until it is closed or garbage.
    ///
    /// Tensors that another scope owns, or none, stay where they are.
    ///
    /// @return the tensor
    /// @throws IllegalStateException if the tensor is closed, or if this scope is closed or another
    ///   thread's
    public Tensor keep(Tensor tensor) {
        check("keep a tensor");
        if (Tensor.at(tensor).isNull() || tensor.scope() != this) return tensor;
        tensor.moveTo(outer);
        if (outer != null) outer.owned.add(tensor);
        return tensor;
    }

    /// Moves a tensor out of all scopes, as a module does with its parameters; there it lives until
    /// it is closed or garbage, and every thread may use it.
    ///
    /// @return the tensor
    public static Tensor release(Tensor tensor) {
        if (!Tensor.at(tensor).isNull()) tensor.moveTo(null);
        return tensor;
    }

    /// Frees what was made inside and not kept.
    ///
    /// @throws IllegalStateException if a scope opened inside is still open, or on another thread;
    ///   the scope stays open then
    @Override
    public void close() {
        if (closed) return;
        check("close");
        var current = CURRENT.get();
        if (current != this) {
            throw Trace.fault(
                    "scope closed before one opened inside it; open both with try (...)",
                    opened,
                    current == null ? null : current.opened);
        }
        closed = true;
        CURRENT.set(outer);
        for (var tensor : owned) {
            if (tensor.scope() == this) tensor.close();
        }
        owned.clear();
    }

    static @Nullable TensorScope current() {
        return CURRENT.get();
    }

    void own(Tensor tensor) {
        owned.add(tensor);
    }

    private void check(String what) {
        if (closed) throw Trace.fault("cannot %s: the scope is closed".formatted(what), opened);
        if (Thread.currentThread() != thread) {
            throw Trace.fault(
                    "cannot %s on thread '%s': the scope belongs to thread '%s'"
                            .formatted(what, Thread.currentThread().getName(), thread.getName()),
                    opened);
        }
    }
}
