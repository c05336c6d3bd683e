package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeMeta;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.media.Png;
import dev.orrery.env.Image;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;

/// What the data and episode pages ask for.
final class DataPages {

    private static final int MOST_EPISODES = 200, FAST = 1;

    private final DataShelf shelf;

    DataPages(DataShelf shelf) {
        this.shelf = shelf;
    }

    void serve(RoutesConfig routes) {
        routes.get("/api/data", page -> Answers.json(page, list()));
        routes.get(
                "/api/data/set",
                page ->
                        Answers.json(
                                page,
                                shelf.use(
                                        Answers.text(page, "set"),
                                        (set, _) -> DataSummary.of(set))));
        routes.get("/api/data/episodes", page -> Answers.json(page, episodes(page)));
        routes.get("/api/data/episode", page -> Answers.json(page, episode(page)));
        routes.get("/api/data/frame", this::frame);
    }

    private Map<String, Object> list() {
        var places = shelf.places();
        return Map.of(
                "folder", shelf.folder().toString(),
                "sets", places.stream().map(this::entry).toList(),
                "cut", places.size() >= DataShelf.MOST);
    }

    private Map<String, Object> entry(DataShelf.Place place) {
        var file = place.folder().resolve(DataShelf.INFO);
        try {
            var info = Json.read(Files.readString(file));
            return Map.of(
                    "id", place.id(),
                    "episodes", info.path("total_episodes").asInt(0),
                    "frames", info.path("total_frames").asLong(0),
                    "fps", info.path("fps").asInt(0),
                    "robot", info.path("robot_type").asString(""),
                    "version", info.path("codebase_version").asString(""));
        } catch (IOException | JacksonException e) {
            var problem = DatasetException.at(Path.of(DataShelf.INFO), "cannot be read", e);
            return Map.of("id", place.id(), "episodes", 0, "problem", problem.getMessage());
        }
    }

    private Object episodes(Context page) {
        int from = Answers.count(page, "from");
        int count = Math.min(Answers.count(page, "count"), MOST_EPISODES);
        return shelf.use(
                Answers.text(page, "set"),
                (set, _) ->
                        Map.of(
                                "episodes",
                                set.episodes().stream()
                                        .skip(from)
                                        .limit(count)
                                        .map(DataPages::row)
                                        .toList()));
    }

    private static Map<String, Object> row(EpisodeMeta episode) {
        return Map.of("index", episode.index(), "task", task(episode), "length", episode.length());
    }

    static String task(EpisodeMeta episode) {
        return String.join(" · ", episode.tasks());
    }

    private Object episode(Context page) {
        var id = Answers.text(page, "set");
        int episode = Answers.count(page, "episode");
        return shelf.use(
                id,
                (set, stamp) -> {
                    var film = new LinkedHashMap<String, Object>(Film.of(set, episode));
                    film.put("set", id);
                    film.put("episode", episode);
                    film.put("stamp", stamp);
                    return film;
                });
    }

    private void frame(Context page) {
        var camera = Answers.text(page, "camera");
        int episode = Answers.count(page, "episode"), frame = Answers.count(page, "frame");
        var png =
                shelf.use(
                        Answers.text(page, "set"),
                        (set, _) -> Png.encode(picture(set, episode, camera, frame), FAST));
        page.contentType("image/png")
                .header("Cache-Control", "private, max-age=86400, immutable")
                .result(png);
    }

    private static Image picture(LeRobotDataset set, int episode, String camera, int frame) {
        if (episode >= set.episodes().size() || frame >= set.episodes().get(episode).length()) {
            throw Refusal.missing("there is no frame %d in episode %d".formatted(frame, episode));
        }
        return set.image(episode, camera, frame);
    }
}
