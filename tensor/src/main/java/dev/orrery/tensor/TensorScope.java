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
/// thread makes.
public final class TensorScope implements AutoCloseable {

    private static final ThreadLocal<@Nullable TensorScope> CURRENT = new ThreadLocal<>();

    private final @Nullable TensorScope outer = CURRENT.get();
    private final Thread thread = Thread.currentThread();
    private final List<Tensor> owned = new ArrayList<>();
    private boolean closed;

    private TensorScope() {}

    /// Opens a scope inside the thread's current one.
    public static TensorScope open() {
        var scope = new TensorScope();
        CURRENT.set(scope);
        return scope;
    }

    /// Moves a tensor to the scope outside this one, or out of all scopes if this is the outermost.
    public Tensor keep(Tensor tensor) {
        if (tensor.scope() == this) {
            tensor.scope(outer);
            if (outer != null) outer.owned.add(tensor);
        }
        return tensor;
    }

    /// Moves a tensor out of all scopes; its owner closes it, or the garbage collector does.
    public static Tensor release(Tensor tensor) {
        tensor.scope(null);
        return tensor;
    }

    /// Frees what was made inside and not kept.
    @Override
    public void close() {
        if (closed) return;
        if (Thread.currentThread() != thread || CURRENT.get() != this) {
            throw new IllegalStateException(
                    "scope closed out of order or on another thread; open it with try (...)");
        }
        closed = true;
        for (var tensor : owned) {
            if (tensor.scope() == this) tensor.close();
        }
        owned.clear();
        CURRENT.set(outer);
    }

    static void own(Tensor tensor) {
        var scope = CURRENT.get();
        if (scope == null) return;
        tensor.scope(scope);
        scope.owned.add(tensor);
    }
}
