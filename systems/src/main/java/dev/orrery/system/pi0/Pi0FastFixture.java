package dev.orrery.system.pi0;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy.Held;
import dev.orrery.policy.ChunkPolicy.Question;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs fixtures of π0-FAST: LeRobot's folder with `weights.safetensors`, from pictures, states and
/// texts to prompts, losses, gradients, tokens and actions.
///
/// Inputs: `cameras.{i}` bytes `(B, H, W, 3)` and `camera_masks.{i}`, `state`, `task.{row}`
/// (UTF-8), `actions` in the robot's units, `written` answers with their `written_lengths`.
public final class Pi0FastFixture implements FixtureModel {

    @Override
    public String name() {
        return "pi0_fast (PI0FastPolicy)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("policy") && fixture.modelClass().equals("PI0FastPolicy");
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = Pi0Published.config(fixture.folder());
        var weights = Pi0Fast.weights(fixture.config(), config, fixture.weightsFile());
        var compared = ComparedModel.open(weights, fixture);
        var network = new Pi0Fast(compared.model());
        var in = fixture.inputs();
        var rows = new ArrayList<Row>();
        for (int b = 0; in.containsKey("task." + b); b++) {
            rows.add(Row.of(in, b, fixture, network));
        }
        var found = new LinkedHashMap<String, Tensor>();
        var prompt = prompt(rows, found);
        taught(network, prompt, rows, in, config.path("max_action_tokens").asInt(256), found);
        compared.differentiate(found.get("loss"), found);
        try (var _ = Grad.disabled()) {
            acted(
                    network,
                    prompt,
                    rows,
                    (int) fixture.expected().get("decoded_tokens").size(1),
                    found);
            read(rows.getFirst().policy.text(), in, found);
        }
        return found;
    }

    /// One robot: its policy, fed by the cameras that it has.
    private record Row(Pi0FastPolicy policy, Observation observation) {

        static Row of(Map<String, Tensor> in, int b, Fixture fixture, Pi0Fast network) {
            var inputs = Pi0Published.cameras(fixture.folder());
            var images = new LinkedHashMap<String, Image>();
            var sources = new LinkedHashMap<String, String>();
            for (int i = 0; in.containsKey("cameras." + i); i++) {
                if (in.get("camera_masks." + i).toFloats()[b] == 0) continue;
                var pixels = in.get("cameras." + i).select(0, b);
                images.put(
                        inputs.get(i),
                        new Image((int) pixels.size(0), (int) pixels.size(1), bytes(pixels)));
                sources.put(inputs.get(i), inputs.get(i));
            }
            var text = new String(bytes(in.get("task." + b)), StandardCharsets.UTF_8);
            var state = in.get("state").select(0, b).toFloats();
            var cameras = new CameraMap(inputs, sources);
            var choice = Pi0Published.Choice.NONE;
            return new Row(
                    Pi0FastPolicy.of(fixture.folder(), network, cameras, choice),
                    new Observation(images, state, text));
        }
    }

    private static byte[] bytes(Tensor numbers) {
        var all = numbers.to(DType.I64).toLongs();
        var bytes = new byte[all.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) all[i];
        return bytes;
    }

    private static Pi0.Prompt prompt(List<Row> rows, Map<String, Tensor> found) {
        var prompts =
                rows.stream().map(r -> r.policy.reader().read(List.of(r.observation))).toList();
        var images = new ArrayList<Tensor>();
        var seen = new ArrayList<Tensor>();
        for (int i = 0; i < prompts.getFirst().images().size(); i++) {
            int camera = i;
            images.add(Tensor.cat(prompts.stream().map(p -> p.images().get(camera)).toList(), 0));
            seen.add(Tensor.cat(prompts.stream().map(p -> p.seen().get(camera)).toList(), 0));
            found.put("images." + i, images.get(i));
        }
        var tokens = Tensor.cat(prompts.stream().map(Pi0.Prompt::tokens).toList(), 0);
        var real = Tensor.cat(prompts.stream().map(Pi0.Prompt::real).toList(), 0);
        found.put("lang_tokens", tokens);
        found.put("lang_masks", real);
        return new Pi0.Prompt(images, seen, tokens, real);
    }

    private static void taught(
            Pi0Fast network,
            Pi0.Prompt prompt,
            List<Row> rows,
            Map<String, Tensor> in,
            int length,
            Map<String, Tensor> found) {
        var ids = new ArrayList<Tensor>();
        var there = new ArrayList<Tensor>();
        var states = new ArrayList<Tensor>();
        for (int b = 0; b < rows.size(); b++) {
            var policy = rows.get(b).policy;
            var wanted = matrix(in.get("actions").select(0, b));
            var state = rows.get(b).observation.state();
            var answer = policy.text().answer(policy.told(wanted, state), length);
            ids.add(Tensor.of(answer.ids(), 1, length));
            there.add(Tensor.of(answer.mask(), 1, length));
            var felt = policy.reader().states().normalise(state, state.length);
            states.add(Tensor.of(felt, 1, felt.length));
        }
        var answer = Tensor.cat(ids, 0);
        var mask = Tensor.cat(there, 0);
        var all = network.embed(prompt, answer, mask);
        var losses = network.losses(prompt, answer, mask);
        found.put("normalized_state", Tensor.cat(states, 0));
        found.put("action_tokens", answer);
        found.put("action_masks", mask);
        found.put("prefix_embs", all.embeddings());
        found.put("prefix_pad_masks", all.real());
        found.put("position_ids", BlockMask.positions(all.real()));
        found.put("token_losses", losses);
        found.put("loss", Pi0Fast.mean(losses, mask));
    }

    private static void acted(
            Pi0Fast network,
            Pi0.Prompt prompt,
            List<Row> rows,
            int width,
            Map<String, Tensor> found) {
        var text = rows.getFirst().policy.text();
        int most = rows.getFirst().policy.most();
        var written =
                network.answer(prompt, text.begin(), most, text.ends(), Greedy.Choice.likeliest());
        long length = written.size(1);
        var rest = Tensor.zeros(DType.I64, written.size(0), width - length);
        found.put("decoded_tokens", Tensor.cat(List.of(written, rest), 1));
        var start = network.start(prompt, text.begin());
        found.put(
                "decoded_logits",
                Greedy.of(network.model().language(), start, (int) length).logits());
        var normal = new ArrayList<Tensor>();
        var robot = new ArrayList<Tensor>();
        for (int b = 0; b < rows.size(); b++) {
            normal.add(tensor(text.chunk(written.select(0, b).toLongs())));
            var question = new Question(rows.get(b).observation, Held.NONE, 0);
            robot.add(tensor(rows.get(b).policy.chunks(List.of(question)).getFirst()));
        }
        found.put("sampled_actions", Tensor.stack(normal, 0));
        found.put("robot_actions", Tensor.stack(robot, 0));
    }

    private static void read(Pi0FastText text, Map<String, Tensor> in, Map<String, Tensor> found) {
        var lengths = in.get("written_lengths").toLongs();
        var chunks = new ArrayList<Tensor>();
        for (int i = 0; i < lengths.length; i++) {
            var ids = in.get("written").select(0, i).narrow(0, 0, lengths[i]).toLongs();
            chunks.add(tensor(text.chunk(ids)));
        }
        found.put("written_actions", Tensor.stack(chunks, 0));
    }

    private static float[][] matrix(Tensor rows) {
        var out = new float[(int) rows.size(0)][];
        for (int h = 0; h < out.length; h++) out[h] = rows.select(0, h).toFloats();
        return out;
    }

    private static Tensor tensor(float[][] rows) {
        var all = new float[rows.length * rows[0].length];
        for (int h = 0; h < rows.length; h++) Pi0Data.put(rows[h], all, h);
        return Tensor.of(all, rows.length, rows[0].length);
    }
}
