package dev.orrery.env;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;

/// An animated GIF that holds of every picture only what is new in it.
///
/// All pictures share one [Palette]. Of each the smallest rectangle that holds all changes is
/// written, and in it pixels that stay are left out; pictures that repeat the one before only
/// prolong it.
final class Gif {

    private static final String FORMAT = "javax_imageio_gif_image_1.0";

    /// What is new in a picture: a rectangle of indices, shown for a number of turns.
    private record Change(int x, int y, int width, byte[] indices, int turns) {
        Change longer() {
            return new Change(x, y, width, indices, turns + 1);
        }
    }

    private Gif() {}

    /// @param pictures of one size
    static void write(OutputStream out, List<Image> pictures, int frameMillis) throws IOException {
        var palette = Palette.of(pictures);
        var colours = palette.model();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (var stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.prepareWriteSequence(null);
            for (var change : changes(pictures, palette)) {
                var picture = picture(change, colours);
                var timing = timing(writer, picture, change, frameMillis);
                writer.writeToSequence(new IIOImage(picture, null, timing), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static List<Change> changes(List<Image> pictures, Palette palette) {
        var changes = new ArrayList<Change>();
        int width = pictures.getFirst().width();
        var shown = palette.indices(pictures.getFirst());
        changes.add(new Change(0, 0, width, shown, 1));
        for (var picture : pictures.subList(1, pictures.size())) {
            var next = palette.indices(picture);
            if (Arrays.equals(shown, next)) {
                changes.add(changes.removeLast().longer());
            } else {
                changes.add(change(shown, next, width));
            }
            shown = next;
        }
        return changes;
    }

    private static Change change(byte[] shown, byte[] next, int width) {
        int left = width, right = -1, top = Integer.MAX_VALUE, bottom = -1;
        for (int i = 0; i < next.length; i++) {
            if (shown[i] != next[i]) {
                left = Math.min(left, i % width);
                right = Math.max(right, i % width);
                top = Math.min(top, i / width);
                bottom = i / width;
            }
        }
        int wide = right - left + 1;
        var indices = new byte[wide * (bottom - top + 1)];
        for (int i = 0; i < indices.length; i++) {
            int from = (top + i / wide) * width + left + i % wide;
            indices[i] = shown[from] == next[from] ? (byte) Palette.AS_BEFORE : next[from];
        }
        return new Change(left, top, wide, indices, 1);
    }

    private static BufferedImage picture(Change change, IndexColorModel colours) {
        var picture =
                new BufferedImage(
                        change.width(),
                        change.indices().length / change.width(),
                        BufferedImage.TYPE_BYTE_INDEXED,
                        colours);
        var data = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
        System.arraycopy(change.indices(), 0, data, 0, data.length);
        return picture;
    }

    private static IIOMetadata timing(
            ImageWriter writer, BufferedImage picture, Change change, int millis)
            throws IOException {
        var metadata =
                writer.getDefaultImageMetadata(
                        ImageTypeSpecifier.createFromRenderedImage(picture), null);
        var root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
        var place = node(root, "ImageDescriptor");
        place.setAttribute("imageLeftPosition", String.valueOf(change.x()));
        place.setAttribute("imageTopPosition", String.valueOf(change.y()));
        place.setAttribute("interlaceFlag", "FALSE");
        var control = node(root, "GraphicControlExtension");
        control.setAttribute("disposalMethod", "doNotDispose");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "TRUE");
        control.setAttribute("transparentColorIndex", String.valueOf(Palette.AS_BEFORE));
        control.setAttribute(
                "delayTime", String.valueOf(Math.max(1, change.turns() * millis / 10)));
        var repeat = new IIOMetadataNode("ApplicationExtension");
        repeat.setAttribute("applicationID", "NETSCAPE");
        repeat.setAttribute("authenticationCode", "2.0");
        repeat.setUserObject(new byte[] {1, 0, 0});
        node(root, "ApplicationExtensions").appendChild(repeat);
        metadata.setFromTree(FORMAT, root);
        return metadata;
    }

    private static IIOMetadataNode node(IIOMetadataNode root, String name) {
        for (int i = 0; i < root.getLength(); i++) {
            if (root.item(i).getNodeName().equals(name)) {
                return (IIOMetadataNode) root.item(i);
            }
        }
        var added = new IIOMetadataNode(name);
        root.appendChild(added);
        return added;
    }
}
