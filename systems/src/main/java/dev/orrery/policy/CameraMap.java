package dev.orrery.policy;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which camera of the robot feeds which input of the network.
///
/// An input without a camera is told apart by a mask: the network gets a constant picture and
/// attention skips it.
///
/// @param inputs the network's camera names, in its order
/// @param sources the robot's camera for each of them that has one
public record CameraMap(List<String> inputs, Map<String, String> sources) {

    /// π0's inputs in their order.
    public static final List<String> PI0 =
            List.of("base_0_rgb", "left_wrist_0_rgb", "right_wrist_0_rgb");

    public CameraMap {
        inputs = List.copyOf(inputs);
        sources = Map.copyOf(sources);
        for (var input : sources.keySet()) {
            if (!inputs.contains(input)) {
                throw new IllegalArgumentException(
                        "cameraMap: the network has no camera '%s'; it accepts %s"
                                .formatted(input, inputs));
            }
        }
    }

    /// A map in which every input is fed by the robot's camera of the same name.
    public static CameraMap same(List<String> cameras) {
        var sources = new LinkedHashMap<String, String>();
        cameras.forEach(camera -> sources.put(camera, camera));
        return new CameraMap(cameras, sources);
    }

    /// The pictures in the network's order; empty where a camera is missing.
    ///
    /// @throws IllegalArgumentException if no input has a picture, or a camera is named that the
    ///   observation lacks; the message lists what there is
    public List<Optional<Image>> arrange(Observation observation) {
        var pictures = new ArrayList<Optional<Image>>();
        for (var input : inputs) {
            pictures.add(Optional.ofNullable(sources.get(input)).map(observation::image));
        }
        if (pictures.stream().noneMatch(Optional::isPresent)) {
            throw new IllegalArgumentException(
                    "no camera of the network has a picture: it accepts %s, the observation has %s; set cameraMap"
                            .formatted(inputs, observation.images().keySet()));
        }
        return pictures;
    }
}
