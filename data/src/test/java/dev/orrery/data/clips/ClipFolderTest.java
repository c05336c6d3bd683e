package dev.orrery.data.clips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Png;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.data.media.VideoWriter;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipFolderTest {

    private static final int SIDE = 32;

    @TempDir Path folder;
    private final List<String> said = new ArrayList<>();

    /// One colour all over; the red tells the number.
    private static Image frame(int number, int h, int w) {
        var rgb = new byte[h * w * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) (8 * number);
            rgb[i + 1] = 40;
            rgb[i + 2] = (byte) 200;
        }
        return new Image(h, w, rgb);
    }

    private void video(String name, int frames, int fps) {
        try (var writer =
                VideoWriter.open(folder.resolve(name), SIDE, SIDE, fps, VideoEncoding.h264())) {
            for (int f = 0; f < frames; f++) writer.add(frame(f, SIDE, SIDE));
        }
    }

    private void pictures(String name, int frames, int h, int w) throws IOException {
        Files.createDirectories(folder.resolve(name));
        for (int f = 0; f < frames; f++)
            Files.write(
                    folder.resolve(name).resolve("frame" + f + ".png"),
                    Png.encode(frame(f, h, w), 1));
    }

    private MemoryClips open(ClipOptions options) {
        return ClipFolder.open(folder, options, 100 << 20, said::add);
    }

    private static int red(Clips clips, int episode, int frame) {
        return clips.frames(episode, frame, 1)[0] & 0xff;
    }

    @Test
    void videosGifsAndFoldersOfPicturesBecomeEpisodes() throws Exception {
        video("b.mp4", 12, 10);
        pictures("walk/level2", 11, SIDE, SIDE);
        var gif = new ArrayList<Image>();
        for (int f = 0; f < 5; f++) gif.add(frame(f, SIDE, SIDE));
        Film.gif(folder.resolve("a.gif"), gif, 100);
        Files.writeString(folder.resolve("notes.txt"), "x");
        var clips = open(ClipOptions.asTheyAre());
        assertThat(clips.episodes())
                .containsExactly(
                        new Clip("a.gif", 5), new Clip("b.mp4", 12), new Clip("walk/level2", 11));
        for (int f = 0; f < 5; f++) assertThat(red(clips, 0, f)).isEqualTo(8 * f);
        for (int f = 0; f < 12; f++) assertThat(red(clips, 1, f)).isCloseTo(8 * f, within(6));
        assertThat(red(clips, 2, 10)).as("frame10 comes after frame9").isEqualTo(80);
        assertThat(said)
                .anyMatch(s -> s.contains("notes.txt"))
                .anyMatch(s -> s.contains("bytes packed"));
    }

    @Test
    void framesAreKeptByTimeAndRepeatedWhereThereAreTooFew() {
        video("thirty.mp4", 30, 30);
        video("five.mp4", 5, 5);
        var clips = open(ClipOptions.asTheyAre().at(10));
        assertThat(clips.fps()).isEqualTo(10);
        assertThat(clips.episodes())
                .containsExactly(new Clip("five.mp4", 10), new Clip("thirty.mp4", 10));
        for (int f = 0; f < 10; f++) {
            assertThat(red(clips, 0, f)).isCloseTo(8 * (f / 2), within(6));
            assertThat(red(clips, 1, f)).isCloseTo(24 * f, within(6));
        }
        assertThat(said).anyMatch(s -> s.contains("five.mp4 has 5 frames a second, fewer than 10"));
    }

    @Test
    void aGifThatHoldsAPictureLongerRepeatsIt() throws Exception {
        var held = List.of(0, 1, 1, 1, 2, 3).stream().map(n -> frame(n, SIDE, SIDE)).toList();
        Film.gif(folder.resolve("a.gif"), held, 50);
        var clips = open(ClipOptions.asTheyAre());
        assertThat(clips.fps()).isEqualTo(20);
        assertThat(clips.episodes().getFirst().frames()).isEqualTo(6);
        for (int f = 0; f < 6; f++) assertThat(clips.frames(0, f, 1)).isEqualTo(held.get(f).rgb());
    }

    /// Three pictures over one of 4 x 4 blue pixels: red at the upper left, which leaves the
    /// background; green at the lower right, which leaves what was before; then one white pixel.
    /// Made by hand from the GIF89a specification.
    private static final String DISPOSALS =
            "R0lGODlhBAAEAIEAAP8AAAD/AAAA/////yH5BAQKAAAALAAAAAAEAAQAAAIKlChRokSJEiVKBQAh+QQICgAAAC"
                    + "wAAAAAAgACAAACAwQIFAAh+QQMCgAAACwCAAIAAgACAAACA0yYFAAh+QQECgAAACwDAAAAAQABAAACAlwBADs=";

    @Test
    void picturesOfAGifLeaveAsTheirDisposalSays() throws Exception {
        Files.write(folder.resolve("d.gif"), Base64.getDecoder().decode(DISPOSALS));
        var clips = open(ClipOptions.asTheyAre());
        assertThat(clips.episodes().getFirst().frames()).isEqualTo(4);
        String[] wanted = {
            "bbbb bbbb bbbb bbbb",
            "rrbb rrbb bbbb bbbb",
            "..bb ..bb bbgg bbgg",
            "..bw ..bb bbbb bbbb"
        };
        for (int f = 0; f < 4; f++) assertThat(letters(clips.frames(0, f, 1))).isEqualTo(wanted[f]);
    }

    private static String letters(byte[] rgb) {
        var out = new StringBuilder();
        for (int i = 0; i < rgb.length; i += 3) {
            if (i > 0 && i % 12 == 0) out.append(' ');
            int bits = (rgb[i] & 4) + (rgb[i + 1] & 2) + (rgb[i + 2] & 1);
            out.append(".bg?r??w".charAt(bits));
        }
        return out.toString();
    }

    @Test
    void aGifThatIsCutOffIsNamedAndItsPicturesAreKeptIfAskedFor() throws Exception {
        var good = Base64.getDecoder().decode(DISPOSALS);
        Files.write(folder.resolve("d.gif"), java.util.Arrays.copyOf(good, good.length - 20));
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("d.gif")
                .hasMessageContaining("cut off or damaged after 3 pictures");
        var clips = open(ClipOptions.asTheyAre().skippingBad());
        assertThat(clips.episodes()).containsExactly(new Clip("d.gif", 3));
        assertThat(said).anyMatch(s -> s.contains("cut off"));
    }

    @Test
    void oneBadFileStopsOrIsLeftOutAsAsked() throws Exception {
        video("a.mp4", 4, 10);
        Files.write(folder.resolve("broken.mp4"), new byte[500]);
        video("c.mp4", 6, 10);
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("broken.mp4")
                .hasMessageContaining("--skip-bad");
        var clips = open(ClipOptions.asTheyAre().skippingBad());
        assertThat(clips.episodes()).extracting(Clip::name).containsExactly("a.mp4", "c.mp4");
        assertThat(said).anyMatch(s -> s.contains("broken.mp4"));
    }

    @Test
    void otherShapesAreCutPaddedOrStretchedAndSaidSo() throws Exception {
        pictures("wide", 2, 8, 16);
        var crop = open(ClipOptions.asTheyAre().sized(4, 4, Fit.CROP));
        assertThat(crop.frames(0, 1, 1)).isEqualTo(frame(1, 4, 4).rgb());
        assertThat(said).anyMatch(s -> s.contains("8 x 16 to 4 x 4, cut to the middle 8 x 8"));
        var pad = open(ClipOptions.asTheyAre().sized(4, 4, Fit.PAD)).frames(0, 1, 1);
        assertThat(new Image(4, 4, pad).at(0, 0, 2)).isZero();
        assertThat(new Image(4, 4, pad).at(1, 0, 2)).isEqualTo(200);
        assertThat(new Image(4, 4, pad).at(3, 3, 2)).isZero();
        var stretch = open(ClipOptions.asTheyAre().sized(4, 4, Fit.STRETCH));
        assertThat(stretch.frames(0, 1, 1)).isEqualTo(frame(1, 4, 4).rgb());
    }

    @Test
    void wholeMultiplesOfPixelPicturesComeBackExactlyAndOthersAsMeans() {
        var small = new byte[] {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
        var image = new Image(2, 2, small);
        var large = new FrameScaler(6, 8, Fit.STRETCH).scale(image);
        assertThat(new FrameScaler(2, 2, Fit.STRETCH).scale(new Image(6, 8, large)))
                .isEqualTo(small);
        assertThat(new FrameScaler(1, 1, Fit.CROP).scale(image)).containsExactly(55, 65, 75);
        assertThat(new FrameScaler(1, 2, Fit.STRETCH).scale(image))
                .containsExactly(40, 50, 60, 70, 80, 90);
    }

    @Test
    void sizesThatDifferAskForOne() throws Exception {
        pictures("a", 2, 8, 16);
        pictures("b", 2, 8, 8);
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("8 x 16")
                .hasMessageContaining("8 x 8")
                .hasMessageContaining("--size");
    }

    @Test
    void longVideosAreCutIntoEpisodesWithTheirActions() throws Exception {
        pictures("long", 10, SIDE, SIDE);
        Files.writeString(
                folder.resolve("long/actions.csv"),
                "frame,left,jump\n"
                        + "0,0,0\n"
                        + "1,1,0\n"
                        + "2,1,1\n"
                        + "3,0,1\n"
                        + "4,0,0\n"
                        + "5,0,0\n"
                        + "6,0,0\n"
                        + "7,0,0\n"
                        + "8,1,0\n"
                        + "9,1,0\n");
        var clips = open(ClipOptions.asTheyAre().cutAfter(4));
        assertThat(clips.episodes())
                .containsExactly(
                        new Clip("long#0", 4), new Clip("long#1", 4), new Clip("long#2", 2));
        assertThat(clips.actionNames()).containsExactly("jump", "left", "left+jump", "none");
        assertThat(clips.actions(0)).containsExactly(3, 1, 2, 0);
        assertThat(clips.actions(2)).containsExactly(1, 1);
        assertThat(red(clips, 1, 0)).isEqualTo(32);
    }

    @Test
    void actionsOfAllVideosComeFromOneFileAndFollowTheFramesThatAreKept() throws Exception {
        video("a.mp4", 6, 20);
        video("b.mp4", 4, 20);
        Files.writeString(
                folder.resolve("actions.json"),
                "{\"names\": [\"idle\", \"left\"], \"episodes\": {\"a.mp4\": [0, 0, 1, 1, 0,"
                        + " null]}}");
        var clips = open(ClipOptions.asTheyAre().at(10));
        assertThat(clips.actionNames()).containsExactly("idle", "left");
        assertThat(clips.actions(0)).containsExactly(0, 1, 0);
        assertThat(clips.actions(1)).containsOnly(Clips.UNKNOWN);
        assertThat(said).anyMatch(s -> s.contains("1 of 2 videos have no actions"));
        Files.writeString(folder.resolve("actions.json"), "{\"episodes\": {\"a.mp5\": [0]}}");
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("no video 'a.mp5'; did you mean 'a.mp4'?");
    }

    @Test
    void numpyFilesGiveActionsToo() throws Exception {
        video("a.mp4", 3, 10);
        // numpy.save of array([2, 0, 1], dtype=int64)
        var head = "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }";
        var bytes = java.nio.ByteBuffer.allocate(128 + 24).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        bytes.put((head + " ".repeat(117 - head.length()) + "\n").getBytes());
        bytes.putLong(2).putLong(0).putLong(1);
        Files.write(folder.resolve("a.actions.npy"), bytes.array());
        var clips = open(ClipOptions.asTheyAre());
        assertThat(clips.actionNames()).containsExactly("0", "1", "2");
        assertThat(clips.actions(0)).containsExactly(2, 0, 1);
        Files.write(folder.resolve("a.actions.npy"), java.util.Arrays.copyOf(bytes.array(), 140));
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("a.actions.npy")
                .hasMessageContaining("needs 24 bytes, there are 12");
    }

    @Test
    void actionsThatDoNotFitTheFramesAreNamed() throws Exception {
        video("a.mp4", 6, 20);
        Files.writeString(folder.resolve("a.mp4.actions.json"), "[1, 2, 3]");
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("a.mp4.actions.json")
                .hasMessageContaining("6 frames and 3 actions");
        Files.writeString(folder.resolve("a.mp4.actions.json"), "[1, 2, 3, 0.5, 1, 2]");
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("action 3 is 0.5");
    }

    @Test
    void whatDoesNotFitTheBudgetIsRefusedBeforeItIsRead() throws Exception {
        pictures("a", 40, SIDE, SIDE);
        assertThatThrownBy(() -> ClipFolder.open(folder, ClipOptions.asTheyAre(), 100, said::add))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("data clips convert");
    }

    @Test
    void anEmptyFolderSaysWhatToPutIntoIt() {
        assertThatThrownBy(() -> open(ClipOptions.asTheyAre()))
                .hasMessageContaining("put mp4, webm, GIF");
    }
}
