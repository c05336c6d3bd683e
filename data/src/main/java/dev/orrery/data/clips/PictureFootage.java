package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A folder of pictures of one size, in the order of the numbers in their names.
record PictureFootage(List<Path> files, int height, int width, double fps) implements Footage {

    static PictureFootage open(List<Path> files, double fps) {
        var first = read(files.getFirst());
        return new PictureFootage(files, first.height(), first.width(), fps);
    }

    private static Image read(Path file) {
        try {
            return Pictures.decode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        } catch (DatasetException e) {
            throw DatasetException.at(file, e.getMessage(), e);
        }
    }

    @Override
    public int frames() {
        return files.size();
    }

    @Override
    public double end(int number) {
        return (number + 1) / fps;
    }

    @Override
    public Image frame(int number) {
        var image = read(files.get(number));
        if (image.height() != height || image.width() != width) {
            throw DatasetException.at(
                    files.get(number),
                    "is %d x %d, the first of its folder is %d x %d; put films of different sizes into folders of their own"
                            .formatted(image.height(), image.width(), height, width));
        }
        return image;
    }

    @Override
    public void close() {}
}
