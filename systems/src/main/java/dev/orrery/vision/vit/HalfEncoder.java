package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.VisionTower.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One half of CLIP or SigLIP by itself, that of pictures or that of words, with CLIP's projection
/// or without.
///
/// Names as in [DualEncoder]; those of a half that was saved alone, without `vision_model` or
/// `text_model` before them, are understood. Of a file of both halves the other one is left out.
public final class HalfEncoder<T extends Module> extends Module {

    private static final String PICTURES = "vision_model", WORDS = "text_model";

    private final T tower;
    private final Optional<Linear> projection;

    /// @param name of the tower
    /// @param projected whether there is CLIP's projection
    /// @param from channels of the tower
    /// @param to channels of the common space
    private HalfEncoder(String name, T tower, boolean projected, int from, int to, Seed seed) {
        this.tower = child(name, tower);
        var own = projection(name);
        projection =
                projected
                        ? Optional.of(child(own, Linear.withoutBias(from, to, seed.split(own))))
                        : Optional.empty();
    }

    private static String projection(String name) {
        return name.equals(PICTURES) ? "visual_projection" : "text_projection";
    }

    /// How published weights of the half for pictures are read and written.
    ///
    /// @param config that of the half, or of both
    /// @param projected whether CLIP's projection is wanted
    public static PublicWeights<HalfEncoder<VisionTower>> pictures(
            PublicConfig config, Kind kind, boolean projected) {
        var size = VisionTower.Size.read(config.object("vision_config").orElse(config), kind);
        int to = config.integer("projection_dim", 512);
        return new PublicWeights<>(
                config,
                () ->
                        new HalfEncoder<>(
                                PICTURES,
                                new VisionTower(size, Seed.of(0)),
                                projected,
                                size.layers().width(),
                                to,
                                Seed.of(1)),
                state -> ownNames(state, PICTURES, projected));
    }

    /// How published weights of the half for words are read and written.
    ///
    /// @param config that of the half, or of both
    /// @param projected whether CLIP's projection is wanted
    public static PublicWeights<HalfEncoder<TextTower>> words(
            PublicConfig config, Kind kind, boolean projected) {
        var size = TextTower.Size.read(config.object("text_config").orElse(config), kind);
        int to = config.integer("projection_dim", 512);
        return new PublicWeights<>(
                config,
                () ->
                        new HalfEncoder<>(
                                WORDS,
                                new TextTower(size, Seed.of(0)),
                                projected,
                                size.layers().width(),
                                to,
                                Seed.of(1)),
                state -> ownNames(state, WORDS, projected));
    }

    private static Map<String, Tensor> ownNames(
            Map<String, Tensor> state, String tower, boolean projected) {
        var own = new LinkedHashMap<String, Tensor>();
        boolean named = state.keySet().stream().anyMatch(name -> name.startsWith(tower + "."));
        var projection = projection(tower) + ".";
        state.forEach((name, tensor) -> {
            if (name.startsWith(projection)) {
                if (projected) own.put(name, tensor);
            } else if (name.startsWith(tower + ".")) {
                own.put(name, tensor);
            } else if (!named) {
                own.put(tower + "." + name, tensor);
            }
        });
        return own;
    }

    /// The half.
    public T tower() {
        return tower;
    }

    /// In the common space of both halves, not yet of unit length, where there is a projection.
    ///
    /// @param pooled `(B, D)`
    public Optional<Tensor> project(Tensor pooled) {
        return projection.map(p -> p.forward(pooled));
    }
}
