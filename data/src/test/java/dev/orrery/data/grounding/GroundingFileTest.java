package dev.orrery.data.grounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.DatasetException;
import dev.orrery.data.grounding.GroundingItem.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroundingFileTest {

    @TempDir private Path folder;

    @BeforeEach
    void picture() throws IOException {
        Files.write(folder.resolve("a.png"), new byte[] {1});
    }

    private List<GroundingItem> read(String answer, BoxConvention convention) throws IOException {
        return raw(
                """
                [{"id": "cup", "image": "a.png", "width": 640, "height": 480, "conversations": [
                  {"from": "human", "value": "<image>\\nWhere is the cup?"},
                  {"from": "gpt", "value": "%s"}]}]\
                """
                        .formatted(answer),
                convention);
    }

    private List<GroundingItem> raw(String json, BoxConvention convention) throws IOException {
        var file = folder.resolve("items.json");
        Files.writeString(file, json);
        return GroundingFile.read(file, folder, convention);
    }

    @Test
    void theSamePlaceIsReadInEveryConvention() throws IOException {
        for (var told :
                List.of(
                        new Told("It is at [64, 48, 320, 240].", BoxConvention.PIXELS),
                        new Told("It is at [100, 100, 500, 500].", BoxConvention.PER_MILLE),
                        new Told("It is at [0.1, 0.1, 0.5, 0.5].", BoxConvention.UNIT))) {
            var item = read(told.answer, told.convention).getFirst();
            assertThat(item.turns().getFirst().question()).isEqualTo("Where is the cup?");
            var mark = item.turns().getFirst().marks().getFirst();
            assertThat(mark).isInstanceOf(Mark.Boxed.class);
            var box = ((Mark.Boxed) mark).box();
            assertThat(box.left()).isCloseTo(.1, within(1e-9));
            assertThat(box.bottom()).isCloseTo(.5, within(1e-9));
        }
    }

    private record Told(String answer, BoxConvention convention) {}

    @Test
    void answersFollowThePictureToAnotherSizeAndConvention() throws IOException {
        var item = read("A [64, 48, 320, 240], then (320, 240).", BoxConvention.PIXELS).getFirst();
        var turn = item.turns().getFirst();
        assertThat(turn.marks()).hasSize(2);
        assertThat(item.answer(turn, BoxConvention.PIXELS, 224, 224))
                .isEqualTo("A [22, 22, 112, 112], then (112, 112).");
        assertThat(item.answer(turn, BoxConvention.PER_MILLE, 1, 1))
                .isEqualTo("A [100, 100, 500, 500], then (500, 500).");
        assertThat(item.answer(turn, BoxConvention.UNIT, 1, 1))
                .isEqualTo("A [0.1, 0.1, 0.5, 0.5], then (0.5, 0.5).");
    }

    @Test
    void listsOfObjectsAreReadAndOtherBracketsLeftAlone() throws IOException {
        var item =
                read(
                                "[{'bbox_2d': [1, 2, 30, 40], 'label': 'cup [red]'}, {'point_2d':"
                                        + " [5, 6]}]",
                                BoxConvention.PIXELS)
                        .getFirst();
        assertThat(item.turns().getFirst().marks()).hasSize(2);
        assertThat(
                        read("two [2] of [1, 2, 3]", BoxConvention.PIXELS)
                                .getFirst()
                                .turns()
                                .getFirst()
                                .marks())
                .isEmpty();
    }

    @Test
    void placesThatCannotBeAreRefusedByItem() {
        refused(
                "[64, 48, 700, 240]",
                BoxConvention.PIXELS,
                "leaves the picture: 700.0 is not from 0 to 640.0 (PIXELS, picture 640 x 480)");
        refused("[320, 48, 64, 240]", BoxConvention.PIXELS, "is reversed or empty");
        refused("[64, 48, 64, 240]", BoxConvention.PIXELS, "is reversed or empty");
        refused("[0.1, 0.1, 0.5, 0.5]", BoxConvention.PIXELS, "its numbers look like UNIT");
        refused("[0.1, 0.1, 0.5, 0.5]", BoxConvention.PER_MILLE, "its numbers look like UNIT");
        refused("[64, 48, 320, 240]", BoxConvention.UNIT, "64.0 is not from 0 to 1.0");
        refused("[64, 48, 1200, 240]", BoxConvention.PER_MILLE, "1200.0 is not from 0 to 1000.0");
        refused("(-1, 48)", BoxConvention.PIXELS, "point [-1.0, 48.0] leaves the picture");
    }

    private void refused(String answer, BoxConvention convention, String what) {
        assertThatThrownBy(() -> read(answer, convention))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("items.json")
                .hasMessageContaining("item 0 (id cup), turn 1")
                .hasMessageContaining(what);
    }

    @Test
    void itemsThatAreNotWholeAreNamed() {
        var talk =
                "\"conversations\": [{\"from\": \"human\", \"value\": \"<image> a\"}, {\"from\":"
                        + " \"gpt\", \"value\": \"b\"}]";
        bad("{}", "holds no list of items");
        bad("[{%s}]".formatted(talk), "item 0 (id 0) has no 'image'");
        bad(
                "[{\"image\": \"b.png\", %s}]".formatted(talk),
                "names the picture 'b.png', which is not in");
        bad("[{\"image\": \"../a.png\", %s}]".formatted(talk), "which is not in");
        bad(
                "[{\"image\": \"a.png\", %s}]".formatted(talk),
                "names the picture 'a.png', which cannot be read");
        var sized = "[{\"image\": \"a.png\", \"width\": 4, \"height\": 4, %s}]";
        bad(sized.formatted(talk.replace("<image>", "")), "0 times <image> in turn 0");
        bad(sized.formatted(talk.replace("gpt", "bot")), "turn 1 from 'bot'; it must be 'gpt'");
        bad(sized.formatted("\"conversations\": []"), "must take turns");
        bad("[{\"image\": [\"a.png\"], %s}]".formatted(talk), "has several pictures; one is read");
    }

    private void bad(String json, String what) {
        assertThatThrownBy(() -> raw(json, BoxConvention.PIXELS))
                .as(json)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(what);
    }
}
