package dev.orrery.system.pi0;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// A π0-FAST with its adapter as a folder like the one it came from, of another robot: LeRobot's
/// files with that robot's sizes, statistics and relative actions, whose inputs without a camera
/// are called empty.
///
/// @param base the folder that was adapted
/// @param cameras those of the robot
/// @param norms the robot's
record Pi0FastMerged(Path base, CameraMap cameras, Norms norms) {

    private static final String CONFIG = "config.json", SHAPE = "shape";
    private static final String IMAGES = "observation.images.", KEPT = "absolute_";

    /// @param network with the weights that are written
    /// @param relative runs of relative actions; the base's own if empty
    void write(Path folder, Pi0Fast network, List<Integer> relative) {
        var json = (ObjectNode) Pi0Published.config(base);
        try {
            Files.createDirectories(folder);
            for (var file : besides()) {
                var copy = folder.resolve(base.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            var names = names(relative);
            NormFiles.writeLeRobot(norms, base, folder, step -> relate(step, names));
            Pi0Fast.stored(base.resolve(CONFIG), json, base).save(network.model(), base, folder);
            Files.writeString(folder.resolve(CONFIG), told(json, names).toPrettyString() + "\n");
        } catch (IOException e) {
            throw new CheckpointException(folder, "", "cannot be written", "check the disk", e);
        }
    }

    /// The files that are neither weights nor statistics: the base's own, and its tokenizers'.
    private List<Path> besides() throws IOException {
        var folders = new LinkedHashSet<>(List.of(base));
        Pi0Published.tokenizer(base).map(Path::getParent).ifPresent(folders::add);
        Pi0FastPolicy.fast(base).ifPresent(folders::add);
        var found = new ArrayList<Path>();
        for (var folder : folders) {
            try (var all = Files.list(folder)) {
                all.filter(Files::isRegularFile)
                        .filter(f ->
                                !f.toString().matches(".*\\.(safetensors|bin|pt|index\\.json)"))
                        .sorted()
                        .forEach(found::add);
            }
        }
        return found;
    }

    /// Names of actions that say which are relative; none to leave that as it is.
    private static List<String> names(List<Integer> relative) {
        var names = new ArrayList<String>();
        for (int run : relative) {
            for (int i = 0; i < Math.abs(run); i++) {
                names.add((run > 0 ? "relative_" : KEPT) + names.size());
            }
        }
        return names;
    }

    private ObjectNode told(ObjectNode json, List<String> names) {
        var inputs = json.withObjectProperty("input_features");
        var features = inputs.properties().stream().toList();
        inputs.removeAll();
        int empty = 0;
        for (var feature : features) {
            var name = feature.getKey();
            boolean unfed =
                    name.startsWith(IMAGES)
                            && !cameras.sources().containsKey(name.substring(IMAGES.length()));
            inputs.set(unfed ? IMAGES + "empty_camera_" + empty++ : name, feature.getValue());
        }
        json.put("empty_cameras", empty);
        inputs.withObjectProperty("observation.state")
                .put("type", "STATE")
                .putArray(SHAPE)
                .add(norms.states().dims());
        json.withObjectProperty("output_features")
                .withObjectProperty("action")
                .put("type", "ACTION")
                .putArray(SHAPE)
                .add(norms.actions().dims());
        if (!names.isEmpty()) {
            json.put("use_relative_actions", true);
            json.putArray("relative_exclude_joints").add(KEPT);
            names.forEach(json.putArray("action_feature_names")::add);
        }
        return json;
    }

    /// LeRobot's steps to relative actions and back.
    private static void relate(ObjectNode step, List<String> names) {
        if (names.isEmpty()) return;
        var config = step.withObjectProperty("config");
        switch (step.path("registry_name").asString("")) {
            case "relative_actions_processor" -> {
                config.put("enabled", true).putArray("exclude_joints").add(KEPT);
                names.forEach(config.putArray("action_names")::add);
            }
            case "absolute_actions_processor" -> config.put("enabled", true);
            default -> {}
        }
    }
}
