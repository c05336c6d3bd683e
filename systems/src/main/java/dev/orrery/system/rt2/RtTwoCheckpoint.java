package dev.orrery.system.rt2;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Module;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.PolicyFolder;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A trained policy as a folder: `config.json` (sizes, bounds, and the ids of the integers),
/// `model.safetensors` (averaged weights), `dataset_statistics.json` (the bounds), and
/// `action_tokens.json` (the map of tokens, for other programs).
///
/// @param model the network
/// @param bins the bounds of actions
/// @param level the share of questions that was answered rightly before it learned to act
record RtTwoCheckpoint(ActionModel model, ActionBins bins, double level) {

    /// The map of tokens.
    static final String TOKENS = "action_tokens.json";

    private static PolicyFolder at(Path folder) {
        return new PolicyFolder(folder, "rt-2");
    }

    /// Writes the folder; each file appears whole or not at all.
    void save(Path folder) {
        var config = new LinkedHashMap<String, Object>();
        config.put("type", at(folder).type());
        config.put("model", model.config());
        config.put("actionIds", model.words().integers().ids());
        config.put("level", level);
        at(folder).save(ConfigBinder.json(config), model, RobotStatistics.Robot.of(bounds()));
        var text = (ConfigBinder.json(tokens()) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                folder.resolve(TOKENS),
                text.length,
                channel -> channel.write(ByteBuffer.wrap(text)));
    }

    /// The bounds as statistics: both ends are scaled, in every dimension.
    private ActionBounds bounds() {
        var mask = new boolean[bins.dims()];
        Arrays.fill(mask, true);
        return ActionBounds.of(values(bins.low()), values(bins.high()), mask);
    }

    private static double[] values(List<Double> all) {
        return all.stream().mapToDouble(v -> v).toArray();
    }

    /// The map of tokens: for each integer its id and word, the bounds, the rule, and the words
    /// that were lost to it.
    private LinkedHashMap<String, Object> tokens() {
        var words = model.words();
        var integers = words.integers();
        var map = new LinkedHashMap<String, Object>();
        map.put("mode", model.config().actions().tokens());
        map.put("bins", ActionBins.COUNT);
        map.put("rule", "value = low + (high - low) * integer / 255");
        map.put("low", bins.low());
        map.put("high", bins.high());
        map.put("chunk", model.config().actions().chunk());
        map.put("terminate", "first integer of an answer: 0 goes on, 1 ends");
        map.put("ids", integers.ids());
        var lost = new LinkedHashMap<String, Long>();
        integers.lost().forEach((id, count) -> lost.put(words.lexicon().word(id), count));
        map.put("lost", lost);
        return map;
    }

    /// Whether a folder holds all that [#save] writes.
    static boolean isComplete(Path folder) {
        return at(folder).isComplete();
    }

    /// Reads a folder that [#save] wrote.
    ///
    /// @throws CheckpointException if a file is missing or does not fit
    static RtTwoCheckpoint open(Path folder) {
        var config = at(folder).config();
        var sizes =
                ConfigBinder.bind(
                        config.path("model"), RtTwoConfig.Model.class, at(folder).configuration());
        var ids = config.path("actionIds").valueStream().mapToLong(JsonNode::asLong).toArray();
        var words = RtTwoWords.stored(sizes, ids);
        var bounds = at(folder).robot(sizes.actions().dims()).action();
        var bins = new ActionBins(numbers(bounds.low()), numbers(bounds.high()));
        try (var _ = TensorScope.open()) {
            var model = Module.unset(() -> RtTwoTrainee.model(sizes, words, Seed.of(0)));
            model.load(at(folder).weights());
            return new RtTwoCheckpoint(model, bins, config.path("level").asDouble(0));
        }
    }

    private static List<Double> numbers(double[] all) {
        return Arrays.stream(all).boxed().toList();
    }

    /// This policy.
    ///
    /// @param hold control steps that one answer lasts
    /// @param limit control steps after which it stops by itself
    /// @param reading which of the integers that it holds likely is acted on
    RtTwoPolicy policy(int hold, int limit, Pick reading) {
        return new RtTwoPolicy(model, bins, hold, limit, reading);
    }

    /// What identifies saved weights.
    static String hash(Path folder) {
        return at(folder).hash();
    }
}
