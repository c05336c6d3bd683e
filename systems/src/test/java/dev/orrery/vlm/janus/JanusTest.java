package dev.orrery.vlm.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.Sampler;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JanusTest {

    private static final Path GOLDEN = Path.of("src/test/resources/goldens/janus");
    private static final long BEGIN = 1, PICTURE = 38;

    private final TensorScope scope = TensorScope.open();

    @TempDir Path folder;

    @AfterEach
    void close() {
        scope.close();
    }

    private static Janus open() {
        return Janus.open(PublicConfig.read(GOLDEN.resolve("config.json")), weights());
    }

    private static Path weights() {
        return GOLDEN.resolve("weights.safetensors");
    }

    private static PictureWriter.Prompt prompt(long... words) {
        var ids = new long[words.length + 2];
        ids[0] = BEGIN;
        System.arraycopy(words, 0, ids, 1, words.length);
        ids[ids.length - 1] = PICTURE;
        return new PictureWriter.Prompt(
                Tensor.of(ids, 1, ids.length),
                Tensor.ones(DType.I64, 1, ids.length),
                Set.of(BEGIN, PICTURE),
                0);
    }

    @Test
    void readsAndWritesWhatTheReferenceDoes() {
        var fixture = Fixture.read(GOLDEN);
        var model = new JanusFixture();
        assertThat(model.runs(fixture)).isTrue();
        assertThat(fixture.compare(model.run(fixture)))
                .hasSizeGreaterThan(15)
                .allMatch(FixtureRow::passed, "agrees with the reference");
    }

    @Test
    void drawsDependOnTheSeedAloneAndNotOnTheCompany() {
        var model = open();
        var writer = new PictureWriter(model, 2, Sampler.at(1));
        var codes = writer.write(prompt(5, 6, 7), model.tokens(), Seed.of(1)).toLongs();
        assertThat(LongStream.of(codes)).hasSize(16).allMatch(code -> code >= 0 && code < 24);
        assertThat(writer.write(prompt(5, 6, 7), 16, Seed.of(1)).toLongs()).isEqualTo(codes);
        assertThat(writer.write(prompt(5, 6, 7), 16, Seed.of(2)).toLongs()).isNotEqualTo(codes);
        var one = prompt(5, 6, 7);
        var both =
                new PictureWriter.Prompt(
                        Tensor.cat(List.of(one.ids(), prompt(9, 9, 4).ids()), 0),
                        Tensor.ones(DType.I64, 2, 5),
                        one.kept(),
                        0);
        assertThat(writer.write(both, 16, Seed.of(1)).select(0, 0).toLongs()).isEqualTo(codes);
    }

    @Test
    void withoutGuidanceWordsAreStillHeard() {
        var model = open();
        var plain = new PictureWriter(model, 1, Sampler.greedy());
        var codes = plain.write(prompt(5, 6, 7), 16, Seed.of(1));
        assertThat(codes.toLongs())
                .isNotEqualTo(plain.write(prompt(20, 30, 31), 16, Seed.of(1)).toLongs());
        assertThat(model.picture(codes).shape()).containsExactly(1, 3, 8, 8);
    }

    @Test
    void filesUnderTheirFirstNamesOpenToTheSameModel() throws IOException {
        var state = new LinkedHashMap<String, Tensor>();
        var stored = Safetensors.read(weights());
        stored.forEach((name, tensor) -> {
            if (!name.matches(".*self_attn\\.[qkv]_proj.*") || !name.contains("vision_model")) {
                state.put(first(name), tensor);
            }
        });
        for (int layer = 0; layer < 2; layer++) {
            for (var kind : List.of("weight", "bias")) {
                state.put(
                        "vision_model.vision_tower.blocks.%d.attn.qkv.%s".formatted(layer, kind),
                        joined(stored, layer, kind));
            }
        }
        var table = "vision_model.vision_tower.pos_embed";
        state.put(table, state.get(table).unsqueeze(0).contiguous());
        state.put("vision_model.vision_tower.attn_pool.latent", Tensor.zeros(1, 1, 32));
        Safetensors.write(folder.resolve("first.safetensors"), state, Map.of());

        var config = PublicConfig.read(GOLDEN.resolve("config.json"));
        var wanted = open().stateDict();
        var found = Janus.open(config, folder.resolve("first.safetensors")).stateDict();
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        var publication = Janus.weights(config);
        var model = Janus.open(config, folder.resolve("first.safetensors"));
        assertThatThrownBy(() ->
                        publication.save(
                                model, folder.resolve("first.safetensors"), folder.resolve("out")))
                .hasMessageContaining("no tensor '");
        wanted.forEach((name, tensor) ->
                assertThat(found.get(name).toFloats()).as(name).isEqualTo(tensor.toFloats()));
    }

    private static Tensor joined(Map<String, Tensor> stored, int layer, String kind) {
        return Tensor.cat(
                List.of("q", "k", "v").stream()
                        .map(letter ->
                                stored.get(
                                        "model.vision_model.encoder.layers.%d.self_attn.%s_proj.%s"
                                                .formatted(layer, letter, kind)))
                        .toList(),
                0);
    }

    /// DeepSeek's name of one of the library's.
    private static String first(String name) {
        return name.replaceFirst("^lm_head", "language_model.lm_head")
                .replaceFirst("^model\\.language_model", "language_model.model")
                .replaceFirst(
                        "^model\\.vision_model\\.embeddings\\.position_embedding\\.weight",
                        "vision_model.vision_tower.pos_embed")
                .replaceFirst(
                        "^model\\.vision_model\\.embeddings\\.patch_embedding",
                        "vision_model.vision_tower.patch_embed.proj")
                .replaceFirst(
                        "^model\\.vision_model\\.post_layernorm", "vision_model.vision_tower.norm")
                .replaceFirst(
                        "^model\\.vision_model\\.encoder\\.layers",
                        "vision_model.vision_tower.blocks")
                .replaceFirst("(vision_tower.*)\\.layer_norm", "$1.norm")
                .replaceFirst("self_attn\\.projection_layer", "attn.proj")
                .replaceFirst("^model\\.aligner\\.fc1", "aligner.layers.0")
                .replaceFirst("^model\\.aligner\\.hidden_layers\\.0", "aligner.layers.2")
                .replaceFirst("^model\\.generation_aligner\\.fc1", "gen_aligner.layers.0")
                .replaceFirst(
                        "^model\\.generation_aligner\\.hidden_layers\\.0", "gen_aligner.layers.2")
                .replaceFirst("^model\\.generation_embeddings", "gen_embed")
                .replaceFirst(
                        "^model\\.generation_head\\.proj_out", "gen_head.output_mlp_projector")
                .replaceFirst("^model\\.generation_head", "gen_head")
                .replaceFirst("^model\\.vqmodel", "gen_vision_model")
                .replaceFirst("\\.(down|up)\\.(\\d)\\.block\\.", ".$1.$2.res.")
                .replaceFirst("encoder\\.down", "encoder.conv_blocks")
                .replaceFirst("decoder\\.up", "decoder.conv_blocks")
                .replaceFirst("mid\\.block_1", "mid.0")
                .replaceFirst("mid\\.attn_1", "mid.1")
                .replaceFirst("mid\\.block_2", "mid.2");
    }

    @Test
    void whatWasOpenedIsWrittenBackToTheByte() throws IOException {
        var source = Files.createDirectory(folder.resolve("source"));
        Files.copy(weights(), source.resolve("model.safetensors"));
        var publication = Janus.weights(PublicConfig.read(GOLDEN.resolve("config.json")));
        var target = folder.resolve("target");
        publication.save(publication.open(source), source, target);
        assertThat(Files.mismatch(weights(), target.resolve("model.safetensors"))).isEqualTo(-1);
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        var model = open();
        assertThatThrownBy(() ->
                        model.embed(
                                Tensor.of(new long[] {1, 39, 39, 2}, 1, 4),
                                Tensor.zeros(1, 16, 48)))
                .hasMessageContaining("hold the picture token 39 2 times, the pictures make 16");
        assertThatThrownBy(() -> model.picture(Tensor.zeros(DType.I64, 1, 15)))
                .hasMessage("janus: 15 codes do not fill a square picture; write 16");
        assertThatThrownBy(() -> new PictureWriter(model, 0.5, Sampler.greedy()))
                .hasMessageContaining("guidance 0.5");
        var other = Files.readString(GOLDEN.resolve("config.json"));
        var config = folder.resolve("config.json");
        Files.writeString(config, other.replace("\"use_qk_norm\": false", "\"use_qk_norm\": true"));
        assertThatThrownBy(() -> Janus.open(PublicConfig.read(config), weights()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("use_qk_norm");
    }
}
