package dev.orrery.policy;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.FeatureStats;
import dev.orrery.data.lerobot.NormStats;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Statistics in the files that published policies come with.
///
/// - LeRobot: `policy_preprocessor.json` and `policy_postprocessor.json`, whose normalising steps
///   name a safetensors file with keys `feature.statistic`, and say how each feature is normalised;
/// - openpi: `norm_stats.json`, usually below `assets/<robot>/`; how is known from the network.
public final class NormFiles {

    /// LeRobot's description of what happens before the network.
    public static final String BEFORE = "policy_preprocessor.json";

    /// LeRobot's description of what happens after it.
    public static final String AFTER = "policy_postprocessor.json";

    private static final String STATE = "observation.state", ACTION = "action";
    private static final List<String> NAMES = List.of("mean", "std", "q01", "q99");
    private static final double TAIL = 2.3263478740408408;

    private NormFiles() {}

    /// The error for statistics that are not there.
    public static CheckpointException missing(Path folder, String what) {
        return new CheckpointException(
                folder,
                what,
                "the policy's statistics are missing",
                "without them nobody knows the units: copy %s with its safetensors file, or norm_stats.json, from where the policy was trained"
                        .formatted(BEFORE));
    }

    /// The statistics of a published folder, of whichever kind it has.
    ///
    /// @param rule how openpi's are used, which its file does not say
    /// @param asset which of several `assets/<robot>` to take
    /// @throws CheckpointException if there are none, or there are several and none was chosen
    public static Norms read(Path folder, Norms.Rule rule, Optional<String> asset) {
        if (Files.isRegularFile(folder.resolve(BEFORE))) {
            return readLeRobot(folder);
        }
        var file = openpiFile(folder, asset);
        return readOpenpi(file, rule, rule, Normalizer.OPENPI_EPSILON);
    }

    private static Path openpiFile(Path folder, Optional<String> asset) {
        var plain = folder.resolve("norm_stats.json");
        if (asset.isEmpty() && Files.isRegularFile(plain)) {
            return plain;
        }
        var found = assets(folder);
        if (asset.isPresent()) {
            var file = found.get(asset.get());
            if (file == null) {
                throw new CheckpointException(
                        folder,
                        "assets/" + asset.get(),
                        "has no norm_stats.json",
                        "there are statistics of %s".formatted(found.keySet()));
            }
            return file;
        }
        if (found.isEmpty()) {
            throw missing(folder, "norm_stats.json");
        }
        if (found.size() > 1) {
            throw new CheckpointException(
                    folder,
                    "assets",
                    "holds statistics of several robots: %s".formatted(found.keySet()),
                    "say whose to use");
        }
        return found.values().iterator().next();
    }

    /// The statistics below `assets`, by the robot's name; a name may have slashes.
    public static Map<String, Path> assets(Path folder) {
        var root = folder.resolve("assets");
        var found = new LinkedHashMap<String, Path>();
        if (!Files.isDirectory(root)) {
            return found;
        }
        try (var files = Files.walk(root, 4)) {
            files.filter(f -> f.endsWith("norm_stats.json"))
                    .sorted()
                    .forEach(f -> {
                        var name = root.relativize(f.getParent()).toString().replace('\\', '/');
                        found.put(name.isEmpty() ? "." : name, f);
                    });
            return found;
        } catch (IOException e) {
            throw new CheckpointException(root, "", "cannot be listed", "check its permissions", e);
        }
    }

    /// Reads openpi's file.
    ///
    /// @throws CheckpointException if a statistic is missing
    public static Norms readOpenpi(
            Path file, Norms.Rule stateRule, Norms.Rule actionRule, double epsilon) {
        Map<String, FeatureStats> all;
        try {
            all = NormStats.read(file);
        } catch (DatasetException e) {
            throw new CheckpointException(
                    file, "", String.valueOf(e.getMessage()), "write them anew", e);
        }
        return new Norms(
                openpi(file, all, STATE, stateRule),
                stateRule,
                openpi(file, all, ACTION, actionRule),
                actionRule,
                epsilon);
    }

    private static Statistics openpi(
            Path file, Map<String, FeatureStats> all, String feature, Norms.Rule rule) {
        var stats = all.get(feature);
        if (stats == null) {
            throw missing(file, feature.equals(STATE) ? "state" : "actions");
        }
        if (rule == Norms.Rule.QUANTILES && !stats.quantiles().containsKey("q01")) {
            throw missing(file, feature + ".q01");
        }
        return Statistics.of(
                stats.mean(),
                stats.std(),
                stats.quantile("q01", tail(stats.mean(), stats.std(), -TAIL)),
                stats.quantile("q99", tail(stats.mean(), stats.std(), TAIL)));
    }

    /// The quantiles of a normal distribution, for files that have none and rules that need none.
    private static double[] tail(double[] mean, double[] std, double deviations) {
        var out = new double[mean.length];
        for (int d = 0; d < out.length; d++) {
            out[d] = mean[d] + deviations * std[d];
        }
        return out;
    }

    private static Norms readLeRobot(Path folder) {
        var before = normalising(folder, BEFORE, "normalizer_processor");
        var state = lerobot(folder, before, STATE, "STATE");
        var after =
                Files.isRegularFile(folder.resolve(AFTER))
                        ? normalising(folder, AFTER, "unnormalizer_processor")
                        : before;
        var action = lerobot(folder, after, ACTION, "ACTION");
        return new Norms(
                state.statistics,
                state.rule,
                action.statistics,
                action.rule,
                before.path("config").path("eps").asDouble(Normalizer.LEROBOT_EPSILON));
    }

    private record Feature(Statistics statistics, Norms.Rule rule) {}

    private static JsonNode normalising(Path folder, String name, String step) {
        for (var node : json(folder.resolve(name)).path("steps")) {
            if (node.path("registry_name").asString("").equals(step)) {
                return node;
            }
        }
        throw new CheckpointException(
                folder.resolve(name),
                step,
                "is not among the steps",
                "use a folder that LeRobot 0.4 or later wrote");
    }

    /// The steps that LeRobot's file lists, or nothing if there is no such file.
    public static JsonNode steps(Path folder) {
        var file = folder.resolve(BEFORE);
        return Files.isRegularFile(file) ? json(file).path("steps") : new JsonMapper().nullNode();
    }

    private static JsonNode json(Path file) {
        try {
            return new JsonMapper().readTree(file);
        } catch (JacksonException e) {
            throw new CheckpointException(file, "", "is not JSON", "copy it anew", e);
        }
    }

    private static Feature lerobot(Path folder, JsonNode step, String feature, String kind) {
        var mode = step.path("config").path("norm_map").path(kind).asString("MEAN_STD");
        var name = step.path("state_file").asString("");
        if (name.isEmpty() || !Files.isRegularFile(folder.resolve(name))) {
            throw missing(folder, name.isEmpty() ? feature : name);
        }
        try (var _ = TensorScope.open()) {
            var all = Safetensors.read(folder.resolve(name));
            return switch (mode) {
                case "IDENTITY" -> identity(folder, all, feature);
                case "MEAN_STD" -> {
                    var mean = need(folder, name, all, feature, "mean");
                    var std = need(folder, name, all, feature, "std");
                    yield new Feature(
                            Statistics.of(
                                    mean,
                                    std,
                                    get(all, feature, "q01").orElse(tail(mean, std, -TAIL)),
                                    get(all, feature, "q99").orElse(tail(mean, std, TAIL))),
                            Norms.Rule.MEAN_STD);
                }
                case "QUANTILES" -> range(folder, name, all, feature, "q01", "q99");
                case "MIN_MAX" -> range(folder, name, all, feature, "min", "max");
                default ->
                        throw new CheckpointException(
                                folder,
                                kind,
                                "is normalised by %s".formatted(mode),
                                "known are MEAN_STD, QUANTILES, MIN_MAX and IDENTITY");
            };
        }
    }

    private static Feature range(
            Path folder,
            String name,
            Map<String, Tensor> all,
            String feature,
            String low,
            String high) {
        var least = need(folder, name, all, feature, low);
        var greatest = need(folder, name, all, feature, high);
        var middle = new double[least.length];
        var spread = new double[least.length];
        for (int d = 0; d < least.length; d++) {
            middle[d] = (least[d] + greatest[d]) / 2;
            spread[d] = (greatest[d] - least[d]) / (2 * TAIL);
        }
        return new Feature(
                Statistics.of(
                        get(all, feature, "mean").orElse(middle),
                        get(all, feature, "std").orElse(spread),
                        least,
                        greatest),
                Norms.Rule.QUANTILES);
    }

    private static Feature identity(Path folder, Map<String, Tensor> all, String feature) {
        var mean = get(all, feature, "mean").orElseThrow(() -> missing(folder, feature));
        var ones = new double[mean.length];
        java.util.Arrays.fill(ones, 1);
        return new Feature(
                Statistics.of(mean, ones, tail(mean, ones, -TAIL), tail(mean, ones, TAIL)),
                Norms.Rule.IDENTITY);
    }

    private static double[] need(
            Path folder, String name, Map<String, Tensor> all, String feature, String statistic) {
        return get(all, feature, statistic)
                .orElseThrow(() -> missing(folder.resolve(name), feature + "." + statistic));
    }

    private static Optional<double[]> get(
            Map<String, Tensor> all, String feature, String statistic) {
        return Optional.ofNullable(all.get(feature + "." + statistic))
                .map(t -> t.to(DType.F64).reshape(-1).toDoubles());
    }

    /// Writes openpi's file.
    public static void writeOpenpi(Norms norms, Path file) throws IOException {
        var json = new JsonMapper().createObjectNode();
        var all = json.putObject("norm_stats");
        put(all.putObject("state"), norms.states());
        put(all.putObject("actions"), norms.actions());
        Files.createDirectories(file.toAbsolutePath().getParent());
        write(file, json);
    }

    /// Whole or not at all.
    private static void write(Path file, ObjectNode json) {
        var text = (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, text.length, channel -> channel.write(ByteBuffer.wrap(text)));
    }

    private static void put(ObjectNode entry, Statistics statistics) {
        for (int i = 0; i < NAMES.size(); i++) {
            var list = entry.putArray(NAMES.get(i));
            for (double value : columns(statistics)[i]) {
                list.add(value);
            }
        }
    }

    private static double[][] columns(Statistics s) {
        return new double[][] {s.mean(), s.std(), s.q01(), s.q99()};
    }

    /// Writes LeRobot's files: both descriptions and a safetensors file for each.
    ///
    /// @param steps what comes between normalising and the network, in LeRobot's words
    public static void writeLeRobot(Norms norms, List<ObjectNode> steps, Path folder)
            throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open()) {
            put(tensors, STATE, norms.states());
            put(tensors, ACTION, norms.actions());
            var before = new JsonMapper().createObjectNode().put("name", "policy_preprocessor");
            var list = before.putArray("steps");
            list.addObject()
                    .put("registry_name", "rename_observations_processor")
                    .putObject("config")
                    .putObject("rename_map");
            list.addObject().put("registry_name", "to_batch_processor").putObject("config");
            list.add(step(norms, "normalizer_processor", BEFORE, 2, true));
            steps.forEach(list::add);
            write(folder.resolve(BEFORE), before);
            var after = new JsonMapper().createObjectNode().put("name", "policy_postprocessor");
            after.putArray("steps").add(step(norms, "unnormalizer_processor", AFTER, 0, false));
            write(folder.resolve(AFTER), after);
            Safetensors.write(folder.resolve(file("normalizer_processor", BEFORE, 2)), tensors);
            Safetensors.write(folder.resolve(file("unnormalizer_processor", AFTER, 0)), tensors);
        }
    }

    /// Writes LeRobot's files as another folder has them, with other statistics of states and
    /// actions; as if there were no other steps where it has none.
    ///
    /// @param change made to each step
    public static void writeLeRobot(
            Norms norms, Path like, Path folder, Consumer<ObjectNode> change) throws IOException {
        if (!Files.isRegularFile(like.resolve(BEFORE))) {
            writeLeRobot(norms, List.of(), folder);
            return;
        }
        for (var description : List.of(BEFORE, AFTER)) {
            if (!Files.isRegularFile(like.resolve(description))) continue;
            var json = (ObjectNode) json(like.resolve(description));
            for (var step : json.path("steps")) {
                var name = step.path("registry_name").asString("");
                if (name.endsWith("normalizer_processor")) {
                    var file = step.path("state_file").asString(file(name, description, 0));
                    ((ObjectNode) step).put("state_file", file);
                    renew((ObjectNode) step, norms, like.resolve(file), folder.resolve(file));
                }
                change.accept((ObjectNode) step);
            }
            write(folder.resolve(description), json);
        }
    }

    private static void renew(ObjectNode step, Norms norms, Path stored, Path target) {
        var config = step.withObjectProperty("config").put("eps", norms.epsilon());
        var features = config.withObjectProperty("features");
        var map = config.withObjectProperty("norm_map");
        map.put("STATE", norms.stateRule().name()).put("ACTION", norms.actionRule().name());
        try (var _ = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            if (Files.isRegularFile(stored)) tensors.putAll(Safetensors.read(stored));
            for (var feature : List.of(STATE, ACTION)) {
                var own = feature.equals(STATE) ? norms.states() : norms.actions();
                tensors.keySet().removeIf(key -> key.startsWith(feature + "."));
                put(tensors, feature, own);
                if (features.has(feature)) {
                    features.withObjectProperty(feature).putArray("shape").add(own.dims());
                }
            }
            Safetensors.write(target, tensors);
        }
    }

    private static void put(Map<String, Tensor> tensors, String feature, Statistics statistics) {
        for (int i = 0; i < NAMES.size(); i++) {
            tensors.put(feature + "." + NAMES.get(i), row(columns(statistics)[i]));
        }
    }

    private static Tensor row(double[] values) {
        return Tensor.of(values, values.length).to(DType.F32);
    }

    private static String file(String step, String description, int number) {
        return "%s_step_%d_%s.safetensors"
                .formatted(description.replace(".json", ""), number, step);
    }

    private static ObjectNode step(
            Norms norms, String name, String description, int number, boolean both) {
        var step = new JsonMapper().createObjectNode().put("registry_name", name);
        var config = step.putObject("config").put("eps", norms.epsilon());
        var features = config.putObject("features");
        if (both) {
            features.putObject(STATE)
                    .put("type", "STATE")
                    .putArray("shape")
                    .add(norms.states().dims());
        }
        features.putObject(ACTION)
                .put("type", "ACTION")
                .putArray("shape")
                .add(norms.actions().dims());
        var map = config.putObject("norm_map").put("VISUAL", "IDENTITY");
        map.put("STATE", norms.stateRule().name()).put("ACTION", norms.actionRule().name());
        step.put("state_file", file(name, description, number));
        return step;
    }
}
