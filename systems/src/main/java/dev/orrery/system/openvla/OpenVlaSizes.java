package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.nn.Activation;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.Prismatic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The sizes of a published OpenVLA: of the towers by the shapes of their weights, as the
/// configuration only names them; of the language model by the configuration.
final class OpenVlaSizes {

    private static final List<String> TOWERS =
            List.of("vision_backbone.featurizer.", "vision_backbone.fused_featurizer.");
    private static final int HEADS = 16;
    private static final double EPSILON = 1e-6;

    private final PublicConfig config;
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    private OpenVlaSizes(PublicConfig config, Path weights) {
        this.config = config;
        for (var header : Weights.inspect(weights)) {
            header.tensors().forEach(t -> shapes.put(t.name(), t.shape()));
        }
    }

    /// @param config of the folder
    /// @param weights a file or a folder
    /// @throws CheckpointException naming what is missing
    static Prismatic.Size read(PublicConfig config, Path weights) {
        return new OpenVlaSizes(config, weights).sizes();
    }

    private Prismatic.Size sizes() {
        var towers = new ArrayList<TimmVit.Config>();
        for (int i = 0; i < TOWERS.size(); i++) {
            boolean there = shapes.containsKey(TOWERS.get(i) + "pos_embed");
            if (i == 0 || there) towers.add(tower(TOWERS.get(i), i));
        }
        var words =
                config.object("text_config")
                        .orElseThrow(() -> config.wrong("text_config", "is missing"));
        return Prismatic.Size.of(towers, DecoderFamily.read(words));
    }

    private TimmVit.Config tower(String prefix, int i) {
        var positions = shape(prefix + "pos_embed");
        var patches = shape(prefix + "patch_embed.proj.weight");
        var hidden = shape(prefix + "blocks.0.mlp.fc1.weight");
        int width = positions.getLast().intValue(), patch = patches.getLast().intValue();
        int side = (int) Math.round(Math.sqrt(positions.get(1))) * patch;
        int depth = 0;
        while (shapes.containsKey(prefix + "blocks.%d.norm1.weight".formatted(depth))) depth++;
        var heads = config.numbers("heads");
        var layers =
                new VitConfig(
                        width,
                        depth,
                        heads.size() > i ? heads.get(i).intValue() : HEADS,
                        hidden.getFirst().intValue(),
                        Activation.GELU,
                        EPSILON);
        return new TimmVit.Config(
                layers, TimmVit.Input.of(side, patch), registers(prefix), scale(prefix));
    }

    private int registers(String prefix) {
        if (!shapes.containsKey(prefix + "cls_token")) return -1;
        var registers = shapes.get(prefix + "reg_token");
        return registers == null ? 0 : registers.get(1).intValue();
    }

    private String scale(String prefix) {
        return List.of("scale_factor", "gamma").stream()
                .filter(name -> shapes.containsKey(prefix + "blocks.0.ls1." + name))
                .findFirst()
                .orElse("");
    }

    private List<Long> shape(String name) {
        var shape = shapes.get(name);
        if (shape == null) {
            throw config.wrong("", "describes a model whose weights have no '%s'".formatted(name));
        }
        return shape;
    }
}
