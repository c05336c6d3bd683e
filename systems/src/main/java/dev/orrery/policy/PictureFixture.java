package dev.orrery.policy;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.env.Image;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Resample;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Runs fixtures of resizing: Pillow's filters, torch's, the padding resize of the π0 family, and
/// CLIP's preparation of pictures.
public final class PictureFixture implements FixtureModel {

    private static final Pattern SIZED =
            Pattern.compile("(pillow|torch|lerobot)\\.(.+)\\.(\\d+)\\.(\\d+)x(\\d+)");
    private static final Pattern CLIP = Pattern.compile("clip_style\\.(\\d+)");
    private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
    private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};

    @Override
    public String name() {
        return "pictures (resizing)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("preprocessing")
                && fixture.inputs().keySet().stream().allMatch(n -> n.startsWith("image."));
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var inputs = fixture.inputs();
        var found = new LinkedHashMap<String, Tensor>();
        fixture.expected()
                .forEach((name, wanted) -> {
                    var sized = SIZED.matcher(name);
                    var clip = CLIP.matcher(name);
                    if (sized.matches()) {
                        int height = Integer.parseInt(sized.group(4));
                        int width = Integer.parseInt(sized.group(5));
                        var image = image(inputs, sized.group(3));
                        var how = sized.group(2);
                        found.put(
                                name,
                                switch (sized.group(1)) {
                                    case "pillow" -> pillow(how, image, height, width);
                                    case "torch" -> torch(how, image, height, width);
                                    default -> padded(how, image, height, width);
                                });
                    } else if (clip.matches()) {
                        found.put(name, clip(image(inputs, clip.group(1)), wanted.size(1)));
                    }
                });
        return found;
    }

    private static Image image(Map<String, Tensor> inputs, String number) {
        var input = inputs.get("image." + number);
        if (input == null) {
            throw new IllegalArgumentException(
                    "the fixture expects results of image.%s, which is not among its inputs"
                            .formatted(number));
        }
        return new Image((int) input.size(0), (int) input.size(1), input.toBytes());
    }

    private static Tensor pillow(String filter, Image image, int height, int width) {
        var resized = Resample.named(filter).resize(image, height, width);
        return Tensor.of(resized.rgb(), height, width, 3);
    }

    private static Tensor padded(String how, Image image, int height, int width) {
        var planes =
                switch (how) {
                    case "resize_with_pad_centered" ->
                            Picture.resizeWithPad(image, height, width, 0);
                    case "resize_with_pad_topleft" ->
                            Picture.resizeWithPadAtEnd(image, height, width, -1);
                    default -> throw unknown(how);
                };
        return Tensor.of(planes, 3, height, width);
    }

    /// Values in [0, 1], `(1, 3, H, W)`.
    private static Tensor planes(Image image) {
        return Tensor.of(image.rgb(), 1, image.height(), image.width(), 3)
                .permute(0, 3, 1, 2)
                .to(DType.F32)
                .div(255.0);
    }

    private static Tensor torch(String how, Image image, int height, int width) {
        var x = planes(image).contiguous();
        var size = new long[] {height, width};
        var y =
                switch (how) {
                    case "nearest.plain" -> Functional.interpolateNearest(x, height, width);
                    case "nearest-exact.plain" -> nearestExact(x, size);
                    case "area.plain" -> Functional.adaptiveAvgPool2d(x, height, width);
                    case "bilinear.plain" -> Functional.interpolateBilinear(x, height, width);
                    case "bicubic.plain" -> upsample("upsample_bicubic2d", x, size);
                    case "bilinear.antialias" -> upsample("_upsample_bilinear2d_aa", x, size);
                    case "bicubic.antialias" -> upsample("_upsample_bicubic2d_aa", x, size);
                    default -> throw unknown(how);
                };
        return y.squeeze(0);
    }

    private static Tensor upsample(String operator, Tensor x, long[] size) {
        var none = Optional.empty();
        return Dispatcher.call("aten::" + operator, x, size, false, none, none).tensor(0);
    }

    private static Tensor nearestExact(Tensor x, long[] size) {
        var none = Optional.empty();
        return Dispatcher.call("aten::_upsample_nearest_exact2d", x, size, none, none).tensor(0);
    }

    private static Tensor clip(Image image, long side) {
        var square = Resample.BICUBIC.shortestEdgeAndCrop(image, (int) side);
        return planes(square)
                .squeeze(0)
                .sub(Tensor.of(MEAN, 3, 1, 1))
                .div(Tensor.of(DEVIATION, 3, 1, 1));
    }

    private static IllegalArgumentException unknown(String how) {
        return new IllegalArgumentException(
                "the fixture expects '%s', which is not known here".formatted(how));
    }
}
