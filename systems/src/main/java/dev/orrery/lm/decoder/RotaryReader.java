package dev.orrery.lm.decoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Rotary;
import dev.orrery.nn.Rotary.Scaling;
import java.util.List;

/// Rotary positions as public configurations give them: `rope_theta` with `rope_scaling`, or the
/// newer `rope_parameters`, which may hold one object a kind of layer.
final class RotaryReader {

    private RotaryReader() {}

    /// @param kind the kind of layer, such as `full_attention`
    /// @param usual the base where the configuration names none
    static Rotary read(PublicConfig c, String kind, int width, int context, double usual) {
        var parameters = c.object("rope_parameters");
        if (parameters.isPresent()) {
            var own = parameters.flatMap(p -> p.object(kind)).or(() -> parameters).get();
            double base = own.number("rope_theta", c.number("rope_theta", usual));
            return rotary(width, base, scaling(own, c, context));
        }
        var scaling = c.object("rope_scaling");
        return rotary(
                width,
                c.number("rope_theta", usual),
                scaling.map(s -> scaling(s, c, context)).orElse(new Scaling.None()));
    }

    /// Gemma 3's layers with a window, which are never stretched.
    static Rotary local(PublicConfig c, int width, int context) {
        return c.object("rope_parameters").flatMap(p -> p.object("sliding_attention")).isPresent()
                ? read(c, "sliding_attention", width, context, 10_000)
                : rotary(width, c.number("rope_local_base_freq", 10_000), new Scaling.None());
    }

    /// Which pairs follow which axis of positions, where there are several; else none.
    static List<Integer> sections(PublicConfig c) {
        var scaling = c.object("rope_parameters").or(() -> c.object("rope_scaling"));
        if (scaling.isEmpty()) return List.of();
        if (scaling.get().flag("mrope_interleaved", false)) {
            throw scaling.get()
                    .wrong("mrope_interleaved", "is true; sections are read one after the other");
        }
        return scaling.get().numbers("mrope_section").stream().map(Double::intValue).toList();
    }

    private static Rotary rotary(int width, double base, Scaling scaling) {
        return new Rotary(width, base, Rotary.Layout.HALVES, scaling);
    }

    private static Scaling scaling(PublicConfig s, PublicConfig model, int context) {
        var type = s.text("rope_type", s.text("type", "default"));
        return switch (type) {
            case "default", "mrope" -> new Scaling.None();
            case "linear" -> new Scaling.Linear(s.number("factor"));
            case "dynamic" -> new Scaling.Dynamic(s.number("factor"), context);
            case "llama3" ->
                    new Scaling.Llama3(
                            s.number("factor"),
                            s.number("low_freq_factor"),
                            s.number("high_freq_factor"),
                            s.number("original_max_position_embeddings", context));
            case "yarn" -> yarn(s, context);
            case "longrope" -> longRope(s, model, context);
            default ->
                    throw s.wrong(
                            "rope_scaling",
                            "has the type '%s'; known: default, mrope, linear, dynamic, yarn, longrope, llama3"
                                    .formatted(type));
        };
    }

    private static Scaling yarn(PublicConfig s, int context) {
        double factor = s.number("factor");
        double all = s.number("mscale_all_dim", 0), some = s.number("mscale", 0);
        double usual =
                all > 0 && some > 0
                        ? growth(factor, some) / growth(factor, all)
                        : growth(factor, 1);
        return new Scaling.Yarn(
                factor,
                s.number("original_max_position_embeddings", context),
                s.number("beta_fast", 32),
                s.number("beta_slow", 1),
                s.number("attention_factor", usual),
                s.flag("truncate", true));
    }

    private static double growth(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private static Scaling longRope(PublicConfig s, PublicConfig model, int context) {
        double original =
                s.number(
                        "original_max_position_embeddings",
                        model.number("original_max_position_embeddings", context));
        double factor = s.number("factor", context / original);
        double usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new Scaling.LongRope(
                s.numbers("short_factor"),
                s.numbers("long_factor"),
                original,
                s.number("attention_factor", usual));
    }
}
