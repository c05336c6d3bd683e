package dev.orrery.lm;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.checkpoint.Weights;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// How published weights become a model and a model becomes published weights again.
///
/// @param config what was published with them
/// @param build the model that it describes
/// @param names the model's names for the file's, and what it has no use for left out
public record PublicWeights<M extends Module>(
        PublicConfig config, Supplier<M> build, UnaryOperator<Map<String, Tensor>> names) {

    /// Names under which files repeat a tensor that the model has once.
    private static final List<String> REPEATED =
            List.of(
                    "lm_head.weight",
                    "lm_head.decoder.weight",
                    "lm_head.decoder.bias",
                    "embed_tokens.weight");

    /// What old files carry although it is computed: positions and rotary frequencies.
    private static final List<String> COMPUTED =
            List.of(
                    "rotary_emb.inv_freq",
                    "embeddings.position_ids",
                    "embeddings.token_type_ids",
                    "attention.masked_bias");

    private static final String INDEX = "model.safetensors.index.json";

    /// @param names called with all tensors of the file but those that old files carry although
    ///   they are computed
    public PublicWeights {
        var given = names;
        names =
                state ->
                        given.apply(
                                PublicConfig.without(
                                                name -> COMPUTED.stream().anyMatch(name::endsWith))
                                        .apply(state));
    }

    /// Builds the model and maps weights into it, a file or a folder; they keep their type.
    ///
    /// @throws CheckpointException naming what is missing, unexpected or misshapen
    public M open(Path weights) {
        return config.open(build, weights, names);
    }

    /// Writes the model as the files it was opened from: the same names, types, shards and
    /// metadata.
    ///
    /// What the model had no use for is copied, but for repetitions of tensors that it has, which
    /// are written as they are now. A model that was not changed is written back to the byte if the
    /// reference writer made the files. What `torch.save` wrote comes back as one safetensors file.
    ///
    /// @param source what the model was opened from
    /// @param target another folder
    public void save(M model, Path source, Path target) {
        var state = model.stateDict();
        try (var _ = TensorScope.open()) {
            var stored = Weights.read(source);
            var own = new IdentityHashMap<Tensor, String>();
            names.apply(stored).forEach((name, tensor) -> own.put(tensor, name));
            Files.createDirectories(target);
            var shards = new LinkedHashMap<String, Map<String, Tensor>>();
            for (var header : Weights.inspect(source)) {
                var file = Weights.safe(header.file());
                var shard = shards.computeIfAbsent(file, _ -> new LinkedHashMap<>());
                for (var entry : header.tensors()) {
                    var old = named(stored, entry.name());
                    var name =
                            own.containsKey(old)
                                    ? own.get(old)
                                    : repeated(entry.name(), stored, own);
                    shard.put(
                            entry.name(), name == null ? old : named(state, name).to(old.dtype()));
                }
                Safetensors.write(target.resolve(file), shard, header.metadata());
            }
            if (Files.isRegularFile(source.resolve(INDEX))) {
                Files.copy(source.resolve(INDEX), target.resolve(INDEX));
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    target, "", "cannot be written (%s)".formatted(e), "choose an empty folder", e);
        }
    }

    private static Tensor named(Map<String, Tensor> state, String name) {
        var tensor = state.get(name);
        if (tensor == null) throw new IllegalArgumentException("no tensor '%s'".formatted(name));
        return tensor;
    }

    /// The model's name of the tensor that a file repeats under `name`, or null.
    private static @org.jspecify.annotations.Nullable String repeated(
            String name, Map<String, Tensor> stored, Map<Tensor, String> own) {
        if (REPEATED.stream().noneMatch(name::endsWith)) return null;
        var tensor = named(stored, name);
        for (var other : own.entrySet()) {
            boolean alike =
                    java.util.Arrays.equals(other.getKey().shape(), tensor.shape())
                            && other.getKey().dtype() == tensor.dtype();
            if (alike && other.getKey().sub(tensor).abs().max().item() == 0)
                return other.getValue();
        }
        return null;
    }
}
