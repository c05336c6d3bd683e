package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieReduxTest {

    static final int T = 3, H = 2, W = 3, P = 2, D = 6, HEADS = 3, HEAD = 4, HIDDEN = 5;
    static final int K = 7, CODE = 3, BLOCKS = 2, PIXELS = 3 * P * P;

    @TempDir Path folder;
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static void stack(Map<String, long[]> out, String prefix, int width) {
        for (int i = 0; i < BLOCKS; i++) {
            for (var where : List.of("spatial", "temporal")) {
                var name = prefix + "layers." + i + ".0." + where;
                out.put(name + "_peg.dsconv.weight", new long[] {width, 1, 3, 3, 3});
                out.put(name + "_peg.dsconv.bias", new long[] {width});
                for (var norm : List.of("norm", "context_norm")) {
                    out.put(name + "_attention." + norm + ".gamma", new long[] {width});
                    out.put(name + "_attention." + norm + ".beta", new long[] {width});
                }
                out.put(name + "_attention.to_q.weight", new long[] {HEADS * HEAD, width});
                out.put(name + "_attention.to_kv.weight", new long[] {2 * HEADS * HEAD, width});
                out.put(name + "_attention.q_scale", new long[] {HEAD});
                out.put(name + "_attention.k_scale", new long[] {HEAD});
                out.put(name + "_attention.to_out.weight", new long[] {width, HEADS * HEAD});
                out.put(name + "_ff.0.weight", new long[] {width});
                out.put(name + "_ff.0.bias", new long[] {width});
                out.put(name + "_ff.1.weight", new long[] {2 * HIDDEN, width});
                out.put(name + "_ff.4.weight", new long[] {width, HIDDEN});
            }
        }
        out.put(prefix + "norm_out.gamma", new long[] {width});
        out.put(prefix + "norm_out.beta", new long[] {width});
    }

    private static void linear(Map<String, long[]> out, String name, int outputs, int inputs) {
        out.put(name + ".weight", new long[] {outputs, inputs});
        out.put(name + ".bias", new long[] {outputs});
    }

    private static void distances(Map<String, long[]> out, String name, int width) {
        linear(out, name + ".net.0.0", width, 2);
        linear(out, name + ".net.1.0", width, width);
        linear(out, name + ".net.2", HEADS, width);
    }

    private static Map<String, long[]> video(String prefix, boolean actions) {
        var out = new LinkedHashMap<String, long[]>();
        distances(out, "spatial_rel_pos_bias", D);
        for (var patch : List.of("to_patch_emb_first_frame", "to_patch_emb")) {
            out.put(patch + ".1.weight", new long[] {PIXELS});
            out.put(patch + ".1.bias", new long[] {PIXELS});
            linear(out, patch + ".2", D, PIXELS);
            out.put(patch + ".3.weight", new long[] {D});
            out.put(patch + ".3.bias", new long[] {D});
        }
        stack(out, "encoder.", D);
        stack(out, "decoder.", D);
        linear(out, "vq.project_in", CODE, D);
        linear(out, "vq.project_out", D, CODE);
        out.put("vq._codebook.initted", new long[] {1});
        out.put("vq._codebook.cluster_size", new long[] {1, K});
        out.put("vq._codebook.embed_avg", new long[] {1, K, CODE});
        out.put("vq._codebook.embed", new long[] {1, K, CODE});
        linear(out, "to_pixels_first_frame.0", PIXELS, D);
        linear(out, "to_pixels.0", PIXELS, D);
        if (actions) {
            linear(out, "to_action_emb.1", D, H * W * D);
            out.put("to_action_emb.2.weight", new long[] {D});
            out.put("to_action_emb.2.bias", new long[] {D});
        }
        var named = new LinkedHashMap<String, long[]>();
        out.forEach((name, shape) -> named.put(prefix + name, shape));
        return named;
    }

    /// @param acted channels of an action that are appended
    private static Map<String, long[]> dynamics(int acted) {
        var out = new LinkedHashMap<String, long[]>();
        out.put("maskgit.token_emb.weight", new long[] {K + 1, D});
        out.put("maskgit.pos_emb.weight", new long[] {40, D});
        distances(out, "maskgit.continuous_pos_bias", HEAD);
        stack(out, "maskgit.transformer.", D + acted);
        linear(out, "maskgit.to_logits", K, D + acted);
        var named = new LinkedHashMap<String, long[]>();
        out.forEach((name, shape) -> named.put("dynamics." + name, shape));
        return named;
    }

    private static Map<String, Tensor> drawn(Map<String, long[]> layout) {
        var tensors = new LinkedHashMap<String, Tensor>();
        layout.forEach(
                (name, shape) -> tensors.put(name, Seed.of(3).split(name).normal(shape).mul(0.6)));
        return tensors;
    }

    private Path write(String name, Map<String, Tensor> tensors) {
        var file = folder.resolve(name);
        Safetensors.write(file, tensors);
        return file;
    }

    private static Tensor clip() {
        return Seed.of(8).uniform(1, T, H * P, W * P, 3);
    }

    private static void same(Tensor got, double[] wanted, String what) {
        var numbers = got.toFloats();
        assertThat(numbers).hasSize(wanted.length);
        double most = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < wanted.length; i++)
            assertThat((double) numbers[i])
                    .as("%s, number %d", what, i)
                    .isCloseTo(wanted[i], within(3e-5 * (1 + most)));
    }

    @Test
    void theTokenizerGivesWhatAnIndependentComputationGives() {
        var tensors = drawn(video("", false));
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", tensors));
        assertThat(model.codes()).isEqualTo(new GenieReduxConfig.Codes(P, K, CODE, 0));
        var reference = new GenieReduxReference(tensors, "");
        var ids = model.encode(clip());
        assertThat(ids.shape()).containsExactly(1, T, H, W);
        assertThat(ids.toLongs()).isEqualTo(reference.tokens(clip().toFloats()));
        assertThat(Arrays.stream(ids.toLongs()).distinct().count()).isGreaterThan(2);
        var video = model.decode(ids);
        assertThat(video.shape()).containsExactly(1, T, H * P, W * P, 3);
        same(video, reference.pixels(reference.vectors(ids.toLongs(), T)), "pixels");
    }

    @Test
    void theLatentActionModelGivesWhatAnIndependentComputationGives() {
        var tensors = drawn(video("latent_action_model.", true));
        var model = GenieReduxWeights.actions(write("g.safetensors", tensors));
        var reference = new GenieReduxReference(tensors, "latent_action_model.");
        var ids = model.encode(clip());
        assertThat(ids.shape()).containsExactly(1, T - 1);
        assertThat(ids.toLongs()).isEqualTo(reference.actions(clip().toFloats()));
        var next = model.predict(clip(), ids);
        assertThat(next.shape()).containsExactly(1, T - 1, H * P, W * P, 3);
        same(next, reference.next(clip().toFloats(), ids.toLongs()), "next frames");
    }

    @Test
    void theDynamicsGiveWhatAnIndependentComputationGives() {
        for (int acted : new int[] {0, 2}) {
            var tensors = drawn(dynamics(acted));
            var model = GenieReduxWeights.dynamics(write("d" + acted + ".safetensors", tensors));
            assertThat(model.sizes()).isEqualTo(new GenieReduxConfig.Dynamics(K, acted, 40));
            var ids = new long[T * H * W];
            for (int i = 0; i < ids.length; i++) ids[i] = i * 5 % (K + 1);
            var actions = Seed.of(4).normal(1, T, acted == 0 ? D : acted);
            var logits = model.logits(Tensor.of(ids, 1, T, H, W), actions);
            assertThat(logits.shape()).containsExactly(1, T, H, W, K);
            same(
                    logits,
                    new GenieReduxReference(tensors, "dynamics.maskgit.")
                            .logits(ids, actions.toFloats()),
                    acted == 0 ? "added" : "appended");
        }
    }

    @Test
    void codesOfTheTokenizerCountWhereTokensAreKnown() {
        var tokenizer =
                GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        var model = GenieReduxWeights.dynamics(write("d.safetensors", drawn(dynamics(2))));
        var actions = Seed.of(4).normal(1, T, 2);
        var hidden = Tensor.full(K, dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThat(difference(model, hidden, actions, tokenizer)).isLessThan(1e-6);
        var known = Tensor.full(2, dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThat(difference(model, known, actions, tokenizer)).isGreaterThan(1e-3);
    }

    private static double difference(
            GenieReduxDynamics model, Tensor ids, Tensor actions, GenieReduxVideo tokenizer) {
        return model.logits(ids, actions)
                .sub(model.logits(ids, actions, tokenizer))
                .abs()
                .max()
                .item();
    }

    @Test
    void idsDependOnNoLaterFrame() {
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        var other = clip().copy();
        other.select(1, T - 1).fill_(0.5);
        assertThat(model.encode(other).narrow(1, 0, T - 1).toLongs())
                .isEqualTo(model.encode(clip()).narrow(1, 0, T - 1).toLongs());
    }

    @Test
    void slopesAreThoseOfTheAlibiPaper() {
        assertThat(GenieReduxBlock.slopes(8))
                .containsExactly(
                        0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625);
        assertThat(GenieReduxBlock.slopes(3)).containsExactly(0.0625, 0.00390625, 0.25);
    }

    @Test
    void whatIsMissingUnexpectedOrMisshapenIsListed() {
        var tensors = drawn(video("", false));
        tensors.remove("decoder.layers.1.0.temporal_ff.4.weight");
        tensors.put("encoder.layers.0.0.spatial_ff.2.weight", Tensor.zeros(2));
        tensors.put("vq.project_in.bias", Tensor.zeros(CODE + 1));
        var file = write("t.safetensors", tensors);
        assertThatThrownBy(() -> GenieReduxWeights.tokenizer(file))
                .hasMessageContaining("missing 1 [decoder.layers.1.0.temporal_ff.4.weight")
                .hasMessageContaining("unexpected 1 [encoder.layers.0.0.spatial_ff.2.weight")
                .hasMessageContaining("vq.project_in.bias needs [3], got [4]");
        assertThatThrownBy(() -> GenieReduxWeights.dynamics(file))
                .hasMessageContaining("no name begins with 'dynamics.'");
    }

    @Test
    void videosAndActionsOfOtherSizesAreRefused() {
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        assertThatThrownBy(() -> model.encode(Tensor.zeros(1, T, 5, 6, 3)))
                .hasMessageContaining("whole patches of 2");
        var dynamics = GenieReduxWeights.dynamics(write("d.safetensors", drawn(dynamics(0))));
        var ids = Tensor.zeros(dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThatThrownBy(() -> dynamics.logits(ids, Tensor.zeros(1, T, D + 1)))
                .hasMessageContaining("(B, T, 6)");
        var longer = Tensor.zeros(dev.orrery.tensor.DType.I64, 1, 7, H, W);
        assertThatThrownBy(() -> dynamics.logits(longer, Tensor.zeros(1, 7, D)))
                .hasMessageContaining("at most 40 tokens");
    }
}
