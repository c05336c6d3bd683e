package dev.orrery.system.pi0;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Folders as published, with the reference's tiny networks in them.
final class PublishedFolder {

    static final Path FAST = Path.of("src/test/resources/goldens/pi0fast");

    private PublishedFolder() {}

    /// The reference's π0-FAST in a folder as LeRobot saves it.
    static Path writeFast(Path folder) throws IOException {
        try (var files = Files.walk(FAST)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = FAST.relativize(file).toString();
                var copy = folder.resolve(name.replace("weights.", "model."));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        return folder;
    }

    /// Changes a key of `config.json`.
    static void config(Path folder, String key, Object value) throws IOException {
        var file = folder.resolve("config.json");
        var json = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
        json.putPOJO(key, value);
        Files.writeString(file, JsonMapper.shared().writeValueAsString(json));
    }

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
