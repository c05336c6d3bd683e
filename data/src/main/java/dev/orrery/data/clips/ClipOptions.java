package dev.orrery.data.clips;

/// How videos become [Clips].
///
/// @param height rows H; 0 for the sources' own, if they agree
/// @param width columns W; 0 for the sources' own, if they agree
/// @param fit what becomes of pictures of another shape
/// @param fps frames to keep of each second; 0 keeps every frame
/// @param pictureFps frames a second of folders of pictures, which do not say; 0 if unknown
/// @param cut frames after which an episode ends and the next begins; 0 keeps videos whole
/// @param skipBad whether to go on without a file that cannot be read
public record ClipOptions(
        int height, int width, Fit fit, double fps, double pictureFps, int cut, boolean skipBad) {

    /// Most rows and columns of a frame.
    public static final int LARGEST = 4096;

    public ClipOptions {
        if (height < 0
                || width < 0
                || height > LARGEST
                || width > LARGEST
                || height == 0 != (width == 0)) {
            throw new IllegalArgumentException(
                    "clips: a size of %d x %d; give both, from 1 to %d, or neither"
                            .formatted(height, width, LARGEST));
        }
        if (!(fps >= 0 && fps <= 1000) || !(pictureFps >= 0 && pictureFps <= 1000)) {
            throw new IllegalArgumentException(
                    "clips: %s frames a second of pictures with %s; choose from 0 to 1000"
                            .formatted(fps, pictureFps));
        }
        if (cut < 0)
            throw new IllegalArgumentException("clips: cut after %d frames".formatted(cut));
    }

    /// Everything as it is; the first file that cannot be read ends it.
    public static ClipOptions asTheyAre() {
        return new ClipOptions(0, 0, Fit.CROP, 0, 0, 0, false);
    }

    /// The same with frames of this size.
    public ClipOptions sized(int height, int width, Fit fit) {
        return new ClipOptions(height, width, fit, fps, pictureFps, cut, skipBad);
    }

    /// The same at another rate.
    public ClipOptions at(double fps) {
        return new ClipOptions(height, width, fit, fps, pictureFps, cut, skipBad);
    }

    /// The same with long videos cut into episodes.
    public ClipOptions cutAfter(int frames) {
        return new ClipOptions(height, width, fit, fps, pictureFps, frames, skipBad);
    }

    /// The same, going on without files that cannot be read.
    public ClipOptions skippingBad() {
        return new ClipOptions(height, width, fit, fps, pictureFps, cut, true);
    }
}
