package dev.orrery.system.internvlam1;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.qwen.QwenVl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Published weights: the names of the state dict, and what of it nothing reads.
final class InternVlaM1Weights {

    private static final String VLM = "qwen_vl_interface.model.", TORCH = ".pt";

    /// Tensors of published files that have no part in what the model computes.
    private static final List<String> UNUSED =
            List.of("action_model.net.history_embedder.", "dino_encoder.body.mask_token");

    private InternVlaM1Weights() {}

    /// How published weights are read and written.
    ///
    /// @param config of the vision-language model
    static PublicWeights<PublishedNetwork> of(PublishedSizes sizes, PublicConfig config) {
        return new PublicWeights<>(
                config,
                () -> new PublishedNetwork(sizes, config, Seed.of(0)),
                state -> names(state, config));
    }

    private static Map<String, Tensor> names(Map<String, Tensor> state, PublicConfig config) {
        var language = new LinkedHashMap<String, Tensor>();
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            if (name.startsWith(VLM)) language.put(name.substring(VLM.length()), tensor);
            else if (UNUSED.stream().noneMatch(name::startsWith)) own.put(name, tensor);
        });
        QwenVl.weights(config).names().apply(language).forEach((n, t) -> own.put(VLM + n, t));
        return own;
    }

    /// The names in a file that are left out on reading, in its order.
    static List<String> ignored(Path weights, PublicConfig config) {
        var state = Weights.read(weights);
        var used = names(state, config).values();
        return state.entrySet().stream()
                .filter(e -> used.stream().noneMatch(t -> t == e.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /// What a folder keeps its weights in: itself, its folder `checkpoints`, or the first file of
    /// `torch.save` in either, as published.
    ///
    /// @throws CheckpointException if there are none
    static Path in(Path folder) {
        var places = List.of(folder, folder.resolve("checkpoints"));
        return places.stream()
                .filter(Weights::isAt)
                .findFirst()
                .or(() -> places.stream().flatMap(place -> published(place).stream()).findFirst())
                .orElseThrow(() ->
                        new CheckpointException(
                                folder,
                                "",
                                "holds no weights",
                                "put the published .pt file, or model.safetensors, or its shards"
                                        + " with their index, there or into checkpoints/"));
    }

    private static Optional<Path> published(Path folder) {
        if (!Files.isDirectory(folder)) return Optional.empty();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(TORCH)).sorted().findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
