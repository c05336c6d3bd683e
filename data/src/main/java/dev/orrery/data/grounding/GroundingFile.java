package dev.orrery.data.grounding;

import dev.orrery.data.DatasetException;
import dev.orrery.data.grounding.GroundingItem.Mark;
import dev.orrery.data.grounding.GroundingItem.Turn;
import dev.orrery.data.media.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads LLaVA's JSON: a list of items with `image` and `conversations` of `human` and `gpt` in
/// turn, as InternVLA-M1's grounding data and many others are kept.
///
/// Places in answers are `[x, y]`, `(x, y)` and `[left, top, right, bottom]`, alone or inside a
/// JSON list of objects. Each is checked against the picture; the first that does not fit ends
/// reading.
public final class GroundingFile {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MARK = "<image>";
    private static final String NUMBER = "\\s*-?\\d+(?:\\.\\d+)?\\s*";
    private static final Pattern PLACE =
            Pattern.compile(
                    "[\\[(](%s(?:,%s){3}|%s,%s)[\\])]".formatted(NUMBER, NUMBER, NUMBER, NUMBER));

    private final Path file, images;
    private final BoxConvention convention;

    private GroundingFile(Path file, Path images, BoxConvention convention) {
        this.file = file;
        this.images = images;
        this.convention = convention;
    }

    /// Reads all items.
    ///
    /// @param images the folder that pictures are named in
    /// @param convention what coordinates are counted in
    /// @throws DatasetException naming the item that is missing something, has a picture that is
    ///   not there, or a place outside of it
    public static List<GroundingItem> read(Path file, Path images, BoxConvention convention) {
        JsonNode all;
        try {
            all = JSON.readTree(Files.readAllBytes(file));
        } catch (IOException | JacksonException e) {
            throw DatasetException.at(file, "is no valid JSON", e);
        }
        if (!all.isArray() || all.isEmpty()) {
            throw DatasetException.at(
                    file, "holds no list of items; LLaVA's JSON is a list with at least one");
        }
        var reader = new GroundingFile(file, images, convention);
        var items = new ArrayList<GroundingItem>();
        for (int i = 0; i < all.size(); i++) items.add(reader.item(i, all.get(i)));
        return List.copyOf(items);
    }

    private GroundingItem item(int i, JsonNode node) {
        var id = node.path("id").asString(Integer.toString(i));
        var where = "item %d (id %s)".formatted(i, id);
        var image = node.path("image");
        if (!image.isString()) {
            throw wrong(
                    where,
                    image.isArray() ? "has several pictures; one is read" : "has no 'image'");
        }
        var size = size(where, node, image.asString());
        var turns = new ArrayList<Turn>();
        var said = node.path("conversations");
        if (!said.isArray() || said.isEmpty() || said.size() % 2 != 0) {
            throw wrong(
                    where,
                    "has %d 'conversations'; questions and answers must take turns"
                            .formatted(said.size()));
        }
        for (int t = 0; t < said.size(); t += 2) {
            var question = text(where, said.get(t), "human", t);
            var answer = text(where, said.get(t + 1), "gpt", t + 1);
            int marks = question.split(Pattern.quote(MARK), -1).length - 1;
            if (marks != (t == 0 ? 1 : 0)) {
                throw wrong(
                        where,
                        "has %d times %s in turn %d; it stands once, in the first question"
                                .formatted(marks, MARK, t));
            }
            turns.add(
                    new Turn(
                            question.replace(MARK, "").strip(),
                            answer,
                            marks("%s, turn %d".formatted(where, t + 1), answer, size)));
        }
        return new GroundingItem(id, image.asString(), size[0], size[1], turns);
    }

    private String text(String where, JsonNode node, String who, int turn) {
        if (!node.path("from").asString("").equals(who) || !node.path("value").isString()) {
            throw wrong(
                    where,
                    "has turn %d from '%s'; it must be '%s', with a 'value'"
                            .formatted(turn, node.path("from").asString(""), who));
        }
        return node.path("value").asString();
    }

    /// Width and height: as the item says, or else as the picture is.
    private int[] size(String where, JsonNode node, String image) {
        var picture = images.resolve(image).normalize();
        if (!picture.startsWith(images.normalize()) || !Files.isRegularFile(picture)) {
            throw wrong(
                    where, "names the picture '%s', which is not in %s".formatted(image, images));
        }
        int width = node.path("width").asInt(0), height = node.path("height").asInt(0);
        if (width > 0 && height > 0) return new int[] {width, height};
        try {
            var read = Pictures.decode(Files.readAllBytes(picture));
            return new int[] {read.width(), read.height()};
        } catch (IOException | RuntimeException e) {
            throw DatasetException.at(
                    file,
                    "%s names the picture '%s', which cannot be read".formatted(where, image),
                    e);
        }
    }

    private List<Mark> marks(String where, String answer, int[] size) {
        var marks = new ArrayList<Mark>();
        var found = PLACE.matcher(answer);
        while (found.find()) {
            var numbers =
                    Arrays.stream(found.group(1).split(","))
                            .mapToDouble(Double::parseDouble)
                            .toArray();
            int from = found.start(1), to = found.end(1);
            try {
                marks.add(
                        numbers.length == 4
                                ? new Mark.Boxed(
                                        convention.box(numbers, size[0], size[1]), from, to)
                                : new Mark.Pointed(
                                        convention.point(numbers, size[0], size[1]), from, to));
            } catch (IllegalArgumentException e) {
                throw wrong(where, String.valueOf(e.getMessage()));
            }
        }
        return marks;
    }

    private DatasetException wrong(String where, String what) {
        return DatasetException.at(file, where + " " + what);
    }
}
