package dev.orrery.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Symbol;
import org.bytedeco.pytorch.global.torch;

/// Every operator that libtorch registers, by name: those that [Tensor] and [Functional] leave out,
/// such as `aten::_fused_adamw_`, `aten::_foreach_add_.List` or `aten::_weight_int8pack_mm`.
///
/// ```java
/// Dispatcher.call("aten::add.Tensor", x, y, 2).tensor(0);     // x + 2 y
/// ```
public final class Dispatcher {

    private static final Map<String, Operator> FOUND = new ConcurrentHashMap<>();

    private Dispatcher() {}

    /// The operator of this name, `namespace::name` or `namespace::name.overload`.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists the overloads of the
    ///   name
    public static Operator operator(String name) {
        var known = FOUND.get(name);
        return known != null ? known : FOUND.computeIfAbsent(name, Dispatcher::find);
    }

    /// Calls an operator by name; see [Operator#call].
    public static Outputs call(String name, Object... arguments) {
        return operator(name).call(arguments);
    }

    private static Operator find(String name) {
        Engine.start();
        int dot = name.indexOf('.');
        var base = dot < 0 ? name : name.substring(0, dot);
        var overload = dot < 0 ? "" : name.substring(dot + 1);
        try (var key = new OperatorName(base, overload);
                var found = org.bytedeco.pytorch.Dispatcher.singleton().findSchema(key)) {
            if (found.has_value()) {
                return new Operator(new org.bytedeco.pytorch.OperatorHandle(found.get()));
            }
        }
        throw new IllegalArgumentException("no operator '%s'; %s".formatted(name, overloads(base)));
    }

    private static String overloads(String base) {
        if (!base.contains("::")) return "name it with its namespace, as in aten::add.Tensor";
        try (var symbol = Symbol.fromQualString(base);
                var all = torch.getAllOperatorsFor(symbol)) {
            if (all.size() == 0) return "libtorch registers no overload of '%s'".formatted(base);
            return LongStream.range(0, all.size())
                    .mapToObj(i -> Operator.text(all.get(i).schema()))
                    .map(schema -> schema.substring(0, schema.indexOf('(')))
                    .sorted()
                    .collect(Collectors.joining(", ", "there are ", ""));
        }
    }
}
