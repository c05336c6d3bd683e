package dev.orrery.system.internvlam1;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.env.Nearest;
import dev.orrery.lm.PublicYaml;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.RobotStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The folder of a published InternVLA-M1, as far as it says something without its weights.
///
/// @param folder holds `config.yaml` and `dataset_statistics.json`
public record InternVlaM1Folder(Path folder) {

    private static final int WIDTH = 2048;

    /// Whether a folder's `config.yaml` is of this family.
    public boolean is() {
        var file = folder.resolve(PublishedSizes.FILE);
        return Files.isRegularFile(file)
                && PublicYaml.read(file)
                        .object("framework")
                        .flatMap(f -> f.object("layer_qformer"))
                        .isPresent();
    }

    /// What a folder holds, as far as can be said without running it; empty if it is no
    /// InternVLA-M1.
    public Optional<SequencedMap<String, String>> describe() {
        if (!is()) return Optional.empty();
        var yaml = PublicYaml.read(folder.resolve(PublishedSizes.FILE));
        var looking =
                yaml.object("framework").flatMap(f -> f.object("layer_qformer")).orElseThrow();
        var sizes = PublishedSizes.read(folder, looking.integer("input_dim", WIDTH));
        var about = new LinkedHashMap<String, String>();
        about.put("policy", "internvla-m1");
        about.put(
                "queries",
                "%d of %d channels into layers %d to %d"
                        .formatted(
                                sizes.queries().queries(),
                                sizes.queries().width(),
                                sizes.layers().from(),
                                sizes.layers().until() - 1));
        about.put(
                "expert",
                "%d blocks of %d channels, chunks of %d actions of %d values"
                        .formatted(
                                sizes.expert().depth(),
                                sizes.expert().width(),
                                sizes.expert().chunk(),
                                sizes.expert().actionDims()));
        about.put(
                "statistics",
                RobotStatistics.isIn(folder)
                        ? "of "
                                + String.join(
                                        ", ",
                                        RobotStatistics.read(folder.resolve(RobotStatistics.FILE))
                                                .names())
                        : "missing");
        return Optional.of(about);
    }

    /// The folder of the Qwen2.5-VL that it was trained from.
    ///
    /// @param chosen what somebody chose instead of what the configuration says
    /// @throws CheckpointException if none is known
    Path base(Optional<Path> chosen) {
        if (chosen.isPresent()) return chosen.get();
        var named =
                PublicYaml.read(folder.resolve(PublishedSizes.FILE))
                        .object("framework")
                        .flatMap(f -> f.object("qwenvl"))
                        .map(q -> Path.of(q.text("base_vlm", "")))
                        .filter(p -> Files.isRegularFile(p.resolve("config.json")));
        if (named.isPresent()) return named.get();
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            throw new CheckpointException(
                    folder,
                    "config.json",
                    "is missing, and framework.qwenvl.base_vlm of %s is no folder here"
                            .formatted(PublishedSizes.FILE),
                    "name the folder of the Qwen2.5-VL that the policy was trained from, with its"
                            + " tokenizer and chat template");
        }
        return folder;
    }

    /// A robot's units.
    ///
    /// @param unnormKey the data set whose statistics they are
    /// @param bounds those statistics
    public record Units(String unnormKey, ActionBounds bounds) {}

    /// The units in which its policy would act; its weights are not touched.
    ///
    /// @param chosen the data set whose statistics count; needed where there are several
    /// @throws CheckpointException if there are no statistics
    /// @throws IllegalArgumentException if they must be chosen, or the chosen ones are not there
    public Units units(Optional<String> chosen) {
        var file = folder.resolve(RobotStatistics.FILE);
        if (!RobotStatistics.isIn(folder)) {
            throw new CheckpointException(
                    file,
                    "",
                    "is missing",
                    "without statistics nobody knows the units: copy it from where the policy was"
                            + " trained");
        }
        var sets = RobotStatistics.read(file).sets();
        var names = List.copyOf(sets.keySet());
        var key = chosen.orElseGet(() -> names.size() == 1 ? names.getFirst() : "");
        var robot = sets.get(key);
        if (robot == null) {
            throw new IllegalArgumentException(
                    key.isEmpty()
                            ? "internvla-m1: %s has statistics of several data sets; choose one of %s"
                                    .formatted(folder, names)
                            : "internvla-m1: %s has no statistics of '%s'; %s"
                                    .formatted(folder, key, Nearest.hint(key, names)));
        }
        return new Units(key, robot.action());
    }
}
