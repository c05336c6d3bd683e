package dev.orrery.system.pi0;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Picture;
import dev.orrery.policy.Wording;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// What the language model reads of observations: pictures in its size, and words.
///
/// @param cameras which camera feeds which input
/// @param side pixels of each input's side
/// @param states how states become the network's
/// @param wording how instruction and state become tokens
record PromptReader(CameraMap cameras, IntUnaryOperator side, Normalizer states, Wording wording) {

    Pi0.Prompt read(List<Observation> observations) {
        int batch = observations.size();
        var images = new ArrayList<Tensor>();
        var seen = new ArrayList<Tensor>();
        var pictures = observations.stream().map(cameras::arrange).toList();
        for (int camera = 0; camera < cameras.inputs().size(); camera++) {
            int size = side.applyAsInt(camera);
            var there = new boolean[batch];
            var planes = new float[batch * 3 * size * size];
            Arrays.fill(planes, -1);
            for (int b = 0; b < batch; b++) {
                var picture = pictures.get(b).get(camera);
                there[b] = picture.isPresent();
                if (picture.isPresent()) {
                    Pi0Data.put(planes(picture.get(), size), planes, b);
                }
            }
            images.add(Tensor.of(planes, batch, 3, size, size));
            seen.add(Tensor.of(there, batch));
        }
        var texts = observations.stream().map(this::tokens).toList();
        int length = texts.getFirst().ids().length;
        var tokens = new long[batch * length];
        var real = new boolean[tokens.length];
        for (int b = 0; b < batch; b++) {
            Pi0Data.put(texts.get(b), tokens, real, b);
        }
        return new Pi0.Prompt(
                images, seen, Tensor.of(tokens, batch, length), Tensor.of(real, batch, length));
    }

    private PaddedTokens tokens(Observation observation) {
        var state = states.normalise(observation.state(), states.dims());
        return wording.tokens(observation.text(), state);
    }

    /// A picture as planes in [-1, 1], resized with black padding if it is of another size.
    private static float[] planes(Image image, int side) {
        if (image.height() != side || image.width() != side) {
            var planes = Picture.resizeWithPad(image, side, side, 0);
            for (int i = 0; i < planes.length; i++) {
                planes[i] = 2 * planes[i] - 1;
            }
            return planes;
        }
        var planes = new float[3 * side * side];
        var rgb = image.rgb();
        for (int i = 0; i < side * side; i++) {
            for (int c = 0; c < 3; c++) {
                planes[c * side * side + i] = (float) ((rgb[3 * i + c] & 0xff) * (1 / 127.5) - 1);
            }
        }
        return planes;
    }
}
