package dev.orrery.data.clips;

import dev.orrery.env.Image;

/// Brings pictures to one size. Each new pixel is the mean of the area that it covers, so whole
/// multiples of a pixel picture come back exactly.
final class FrameScaler {

    private final int height, width;
    private final Fit fit;

    FrameScaler(int height, int width, Fit fit) {
        this.height = height;
        this.width = width;
        this.fit = fit;
    }

    /// A part of the source and where it goes.
    private record Plan(
            double top, double left, double rows, double columns, int y, int x, int h, int w) {}

    byte[] scale(Image image) {
        if (image.height() == height && image.width() == width) return image.rgb();
        var plan = plan(image.height(), image.width());
        double[] across = shrinkColumns(image, plan);
        var out = new byte[height * width * 3];
        double step = plan.rows / plan.h;
        for (int y = 0; y < plan.h; y++) {
            double from = plan.top + y * step, to = from + step;
            for (int i = 0; i < plan.w * 3; i++) {
                double sum = 0;
                for (int r = (int) from; r < to && r < image.height(); r++) {
                    sum += overlap(from, to, r) * across[r * plan.w * 3 + i];
                }
                out[((plan.y + y) * width + plan.x) * 3 + i] =
                        (byte) Math.clamp(Math.round(sum / step), 0, 255);
            }
        }
        return out;
    }

    private static double[] shrinkColumns(Image image, Plan plan) {
        var rgb = image.rgb();
        var out = new double[image.height() * plan.w * 3];
        double step = plan.columns / plan.w;
        for (int r = (int) plan.top; r < Math.min(image.height(), plan.top + plan.rows); r++) {
            for (int x = 0; x < plan.w; x++) {
                double from = plan.left + x * step, to = from + step;
                for (int c = (int) from; c < to && c < image.width(); c++) {
                    double part = overlap(from, to, c) / step;
                    for (int k = 0; k < 3; k++) {
                        out[(r * plan.w + x) * 3 + k] +=
                                part * (rgb[(r * image.width() + c) * 3 + k] & 0xff);
                    }
                }
            }
        }
        return out;
    }

    private static double overlap(double from, double to, int pixel) {
        return Math.max(0, Math.min(to, pixel + 1.0) - Math.max(from, pixel));
    }

    private Plan plan(int h, int w) {
        return switch (fit) {
            case STRETCH -> new Plan(0, 0, h, w, 0, 0, height, width);
            case CROP -> {
                double scale = Math.min((double) h / height, (double) w / width);
                double rows = height * scale, columns = width * scale;
                yield new Plan(
                        (h - rows) / 2, (w - columns) / 2, rows, columns, 0, 0, height, width);
            }
            case PAD -> {
                double scale = Math.max((double) h / height, (double) w / width);
                int rows = Math.clamp(Math.round(h / scale), 1, height);
                int columns = Math.clamp(Math.round(w / scale), 1, width);
                yield new Plan(
                        0, 0, h, w, (height - rows) / 2, (width - columns) / 2, rows, columns);
            }
        };
    }

    /// What happens to pictures of a size, in words.
    String says(int h, int w) {
        if (h == height && w == width) return "%d x %d as they are".formatted(h, w);
        var plan = plan(h, w);
        var how =
                switch (fit) {
                    case STRETCH -> h * width == w * height ? "" : ", which distorts";
                    case CROP ->
                            plan.rows > h - 0.5 && plan.columns > w - 0.5
                                    ? ""
                                    : ", cut to the middle %.0f x %.0f"
                                            .formatted(plan.rows, plan.columns);
                    case PAD ->
                            plan.h == height && plan.w == width
                                    ? ""
                                    : ", %d x %d of it with black around".formatted(plan.h, plan.w);
                };
        return "%d x %d to %d x %d%s".formatted(h, w, height, width, how);
    }
}
