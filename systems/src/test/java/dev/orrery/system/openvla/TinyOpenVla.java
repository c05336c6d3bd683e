package dev.orrery.system.openvla;

import dev.orrery.vlm.WordTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A folder as OpenVLA is published, with the tiny weights of the fixture and 32 bins.
final class TinyOpenVla {

    static final Path GOLDEN = Path.of("src/test/resources/goldens/openvla");

    private TinyOpenVla() {}

    /// @param statistics a line of `config.json`, or nothing
    static void lay(Path folder, String statistics) throws IOException {
        Files.createDirectories(folder);
        Files.copy(GOLDEN.resolve("weights.safetensors"), folder.resolve("model.safetensors"));
        config(folder, statistics);
        tokenizer(folder, 96);
    }

    static void config(Path folder, String statistics) throws IOException {
        var text = Files.readString(GOLDEN.resolve("config.json"));
        Files.writeString(
                folder.resolve("config.json"),
                text.replaceFirst(
                        "\\{",
                        "{\"n_action_bins\": 32, \"pad_to_multiple_of\": 64, " + statistics));
    }

    /// Words by themselves, the lone space, and a padding token at `pad`.
    static void tokenizer(Path folder, int pad) throws IOException {
        var words =
                List.of(
                        "<unk>", "<s>", "</s>", "▁", "In", ":", "What", "action", "should", "the",
                        "robot", "take", "to", "?", "Out", "pick", "up", "cup", "USER");
        WordTokenizer.write(folder, words, Map.of("<s>", 1, "<PAD>", pad));
    }
}
