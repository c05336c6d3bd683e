package dev.orrery.system.pi0;

import dev.orrery.policy.CameraMap;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Augmentation;
import java.util.ArrayList;
import java.util.stream.Collectors;

/// What training does to pictures: nothing, or random changes as in openpi, where cameras at a
/// wrist keep their geometry.
record PictureChanges(CameraMap cameras, boolean augmented) {

    private static final String WRIST = "wrist";

    /// The prompt with its pictures changed.
    Pi0.Prompt apply(Pi0.Prompt prompt, Seed seed) {
        if (!augmented) return prompt;
        var images = new ArrayList<Tensor>();
        for (int camera = 0; camera < prompt.images().size(); camera++) {
            var change = change(cameras.inputs().get(camera));
            images.add(change.apply(prompt.images().get(camera), seed.split(camera)));
        }
        return new Pi0.Prompt(images, prompt.seen(), prompt.tokens(), prompt.real());
    }

    private static Augmentation change(String input) {
        return input.contains(WRIST) ? Augmentation.PI0_WRIST : Augmentation.PI0;
    }

    /// The changes in words.
    String line() {
        if (!augmented) return "as they are";
        return cameras.sources().keySet().stream()
                .sorted()
                .map(input ->
                        change(input).crop() < 1
                                ? input + " cropped, turned and tinted at random"
                                : input + " tinted at random")
                .collect(Collectors.joining(", "));
    }
}
