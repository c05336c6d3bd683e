package dev.orrery.system.pi0;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;

/// Folders as published, with the reference's tiny networks in them.
final class PublishedFolder {

    private PublishedFolder() {}

    /// A LeRobot folder: the reference's weights, a vocabulary large enough for the tokenizer,
    /// statistics.
    static Path write(String name, Path folder, Norms norms) throws Exception {
        var golden = Path.of(PublishedFolder.class.getResource("/goldens/" + name).toURI());
        var out = Files.createDirectories(folder);
        Files.copy(golden.resolve("config.json"), out.resolve("config.json"));
        try (var _ = TensorScope.open()) {
            var weights =
                    new LinkedHashMap<>(Safetensors.read(golden.resolve("weights.safetensors")));
            var words = "model.paligemma_with_expert.paligemma.lm_head.weight";
            var small = weights.get(words);
            weights.put(words, small.repeat(6, 1));
            var head = "model.paligemma_with_expert.gemma_expert.lm_head.weight";
            weights.put(head, weights.get(head).repeat(6, 1));
            Safetensors.write(out.resolve("model.safetensors"), weights);
        }
        Files.copy(
                Path.of("../data/src/test/resources/goldens/tokenizer-sp-bpe/tokenizer.json"),
                out.resolve("tokenizer.json"));
        var told =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("registry_name", "pi05_prepare_state_tokenizer_processor_step");
        told.putObject("config");
        NormFiles.writeLeRobot(norms, name.equals("pi0") ? List.of() : List.of(told), out);
        return out;
    }
}
