package dev.orrery.system.flowmatching;

import dev.orrery.env.Film;
import dev.orrery.env.WholeFile;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;

/// Draws noise flowing into data: `flow.png`, a strip of moments, and `flow.gif`, which moves.
final class FlowPicture {

    private static final int SIDE = 240, POINTS = 2_000, CHUNKS = 160, FRAMES = 32, HOLD = 12;
    private static final double REACH = 3.2;
    private static final double[] MOMENTS = {0, 0.25, 0.5, 0.75, 1};
    private static final Color PAPER = new Color(0xfbfaf7), INK = new Color(0x1f2933);
    private static final Color DOT = new Color(0x33, 0x5c, 0xc8, 110);
    private static final Color WAY = new Color(0x33, 0x5c, 0xc8, 70);
    private static final Color DISC = new Color(0xe0, 0x6c, 0x4a);

    private FlowPicture() {}

    static void write(FlowMatching model, FlowMatchingConfig config, Path folder, Seed seed) {
        try (var _ = TensorScope.open()) {
            var frames = frames(model, config, seed);
            Film.png(folder.resolve("flow.png"), strip(frames));
            WholeFile.write(folder.resolve("flow.gif"), out -> animate(frames, out));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write pictures to " + folder, e);
        }
    }

    private static List<BufferedImage> frames(
            FlowMatching model, FlowMatchingConfig config, Seed seed) {
        boolean actions = config.set() == ToySet.BIMODAL_ACTIONS;
        int count = actions ? CHUNKS : POINTS;
        // One obstacle for all chunks, so that both ways show in one picture.
        var condition = Tensor.zeros(count, config.set().conditionDims());
        var noise = seed.split("picture").normal(count, config.set().dims());
        var trace =
                Solver.Fixed.EULER.trace(model.field(condition), noise, StepGrid.uniform(FRAMES));
        var frames = new ArrayList<BufferedImage>();
        for (int k = 0; k <= FRAMES; k++) {
            var values = trace.get(k).toFloats();
            frames.add(frame(values, actions, k / (double) FRAMES));
        }
        return frames;
    }

    private static BufferedImage frame(float[] values, boolean actions, double time) {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        var pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setColor(PAPER);
        pen.fillRect(0, 0, SIDE, SIDE);
        if (actions) ways(pen, values);
        else points(pen, values);
        pen.setColor(INK);
        pen.drawString(String.format(Locale.ROOT, "t = %.2f", time), 10, SIDE - 10);
        pen.dispose();
        return image;
    }

    private static void points(Graphics2D pen, float[] values) {
        pen.setColor(DOT);
        for (int i = 0; i < values.length; i += 2) {
            pen.fill(
                    new Ellipse2D.Double(
                            pixel(values[i]) - 1.3, pixel(-values[i + 1]) - 1.3, 2.6, 2.6));
        }
    }

    private static void ways(Graphics2D pen, float[] values) {
        double radius = 2 * BimodalActions.RADIUS;
        pen.setColor(DISC);
        pen.fill(
                new Ellipse2D.Double(
                        pixel(-radius),
                        pixel(-radius),
                        pixel(radius) - pixel(-radius),
                        pixel(radius) - pixel(-radius)));
        pen.setColor(WAY);
        pen.setStroke(new BasicStroke(1.2f));
        int dims = ToySet.BIMODAL_ACTIONS.dims();
        for (int at = 0; at < values.length; at += dims) {
            var way = new Path2D.Double();
            way.moveTo(pixel(-2), pixel(0));
            for (int k = 0; k < dims; k += 2) {
                way.lineTo(pixel(values[at + k]), pixel(-values[at + k + 1]));
            }
            way.lineTo(pixel(2), pixel(0));
            pen.draw(way);
        }
    }

    private static double pixel(double coordinate) {
        return (coordinate / REACH + 1) * SIDE / 2;
    }

    private static BufferedImage strip(List<BufferedImage> frames) {
        var strip = new BufferedImage(SIDE * MOMENTS.length, SIDE, BufferedImage.TYPE_INT_RGB);
        var pen = strip.createGraphics();
        for (int m = 0; m < MOMENTS.length; m++) {
            pen.drawImage(frames.get((int) Math.round(MOMENTS[m] * FRAMES)), m * SIDE, 0, null);
        }
        pen.dispose();
        return strip;
    }

    private static void animate(List<BufferedImage> frames, OutputStream file) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (var out = ImageIO.createImageOutputStream(file)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int k = 0; k < frames.size(); k++) {
                int hundredths = k == 0 || k == frames.size() - 1 ? HOLD * 6 : 6;
                var metadata = timed(writer, frames.get(k), hundredths, k == 0);
                writer.writeToSequence(new IIOImage(frames.get(k), null, metadata), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static IIOMetadata timed(
            ImageWriter writer, BufferedImage frame, int hundredths, boolean first)
            throws IOException {
        var metadata =
                writer.getDefaultImageMetadata(
                        ImageTypeSpecifier.createFromRenderedImage(frame),
                        writer.getDefaultWriteParam());
        var format = metadata.getNativeMetadataFormatName();
        var root = (IIOMetadataNode) metadata.getAsTree(format);
        var control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("transparentColorIndex", "0");
        control.setAttribute("delayTime", Integer.toString(hundredths));
        replace(root, control);
        if (first) {
            var loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            loop.setUserObject(new byte[] {1, 0, 0});
            var extensions = new IIOMetadataNode("ApplicationExtensions");
            extensions.appendChild(loop);
            replace(root, extensions);
        }
        metadata.setFromTree(format, root);
        return metadata;
    }

    private static void replace(IIOMetadataNode root, IIOMetadataNode child) {
        var old = root.getElementsByTagName(child.getNodeName());
        if (old.getLength() > 0) root.replaceChild(child, old.item(0));
        else root.appendChild(child);
    }
}
