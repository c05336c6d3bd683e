package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.data.media.Png;
import dev.orrery.data.media.VideoWriter;
import dev.orrery.env.Image;
import dev.orrery.worldmodel.play.DreamControls;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.Sampling;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/// Dreams over HTTP, described in `docs/formats/dream-server.md`: a session, a frame a key.
final class DreamPages implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;
    private static final String SESSION = "/session/{id}";
    private static final String RAW = "application/octet-stream";
    private static final List<String> BEGINNING =
            List.of("run", "prompt", "picture", "seed", "steps", "tau");
    private static final List<String> STEPPING = List.of("action", "steps", "tau");

    private final DreamSource source;
    private final DreamHouse house;

    DreamPages(Dreaming dreams) {
        source = dreams.source();
        house = new DreamHouse(dreams);
    }

    void serve(RoutesConfig routes) {
        routes.get("/api/dreams", page -> Answers.json(page, Map.of("models", source.choices())));
        routes.post("/session", this::open);
        routes.delete(SESSION, this::leave);
        routes.get(SESSION + "/frame", this::newest);
        routes.post(SESSION + "/step", this::step);
        routes.post(SESSION + "/reset", this::reset);
        routes.get(SESSION + "/trajectory", this::trajectory);
        routes.get(SESSION + "/film.gif", this::gif);
        routes.get(SESSION + "/film.mp4", this::mp4);
    }

    private void open(Context page) throws InterruptedException {
        var body = DreamBody.read(page.body(), BEGINNING);
        var sampling = body.sampling(Sampling.USUAL);
        var seed = body.whole("seed", 0);
        var model = body.text("run").orElseGet(this::anyModel);
        var opened = house.open(model);
        try {
            var controls = await(opened.room().controls());
            await(opened.room().begin(prompt(body, controls), seed));
            Answers.json(page.status(201), view(opened.id(), model, controls, seed, sampling));
        } catch (RuntimeException e) {
            house.leave(opened);
            throw e;
        }
    }

    private void leave(Context page) throws InterruptedException {
        var id = page.pathParam("id");
        house.leave(new DreamHouse.Opened(id, house.find(id)));
    }

    private String anyModel() {
        return source.choices().stream()
                .map(DreamSource.Choice::id)
                .findFirst()
                .orElseThrow(() ->
                        Refusal.missing(
                                "there is no world model to play; train one: orrery train genie"));
    }

    private static Map<String, Object> view(
            String id, String model, DreamControls controls, long seed, Sampling sampling) {
        var view = new LinkedHashMap<String, Object>();
        view.put("id", id);
        view.put("run", model);
        view.put("seed", seed);
        view.put("steps", sampling.steps());
        view.put("tau", sampling.tau());
        view.put("controls", controls);
        view.put("mp4", VideoWriter.available());
        return view;
    }

    private static DreamPrompt prompt(DreamBody body, DreamControls controls) {
        var picture = body.text("picture");
        if (picture.isPresent()) {
            return new DreamPrompt.Picture(fitting(decode(picture.get()), controls));
        }
        return new DreamPrompt.Recorded(body.choice("prompt", controls.prompts()));
    }

    private static Image decode(String base64) {
        try {
            return Pictures.decode(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw Refusal.wrong("the picture is not Base64: %s".formatted(e.getMessage()));
        } catch (DatasetException e) {
            throw Refusal.wrong("the picture cannot be read: %s".formatted(e.getMessage()));
        }
    }

    private static Image fitting(Image picture, DreamControls controls) {
        if (picture.height() != controls.height() || picture.width() != controls.width()) {
            throw Refusal.wrong(
                    "the picture is %d x %d pixels (height x width), the model sees %d x %d; resize it to that, or drop it on the page, which offers to"
                            .formatted(
                                    picture.height(),
                                    picture.width(),
                                    controls.height(),
                                    controls.width()));
        }
        return picture;
    }

    private void step(Context page) throws InterruptedException {
        var room = house.find(page.pathParam("id"));
        var body = DreamBody.read(page.body(), STEPPING);
        var key =
                body.text("action")
                        .orElseThrow(() ->
                                Refusal.wrong(
                                        "'action' is missing: a code such as 3, or an action such"
                                                + " as \"right\""));
        show(page, await(room.step(key, body.sampling(Sampling.USUAL))));
    }

    private void reset(Context page) throws InterruptedException {
        var room = house.find(page.pathParam("id"));
        var body = DreamBody.read(page.body(), List.of("prompt", "picture", "seed"));
        var now = room.trajectory();
        var prompt =
                body.has("prompt") || body.has("picture")
                        ? prompt(body, await(room.controls()))
                        : now.prompt();
        show(page, await(room.begin(prompt, body.whole("seed", now.seed()))));
    }

    private void newest(Context page) {
        var film = house.find(page.pathParam("id")).film();
        show(page, Optional.of(film.getLast()));
    }

    /// Sends a frame, or nothing if a newer key took its place.
    private static void show(Context page, Optional<DreamRoom.Shown> answer) {
        page.header("Cache-Control", "no-store");
        if (answer.isEmpty()) {
            page.status(204);
            return;
        }
        var shown = answer.get();
        var picture = DreamFilm.picture(shown, "true".equals(page.queryParam("beside")));
        page.header("Orrery-Frame", String.valueOf(shown.number()))
                .header("Orrery-Code", String.valueOf(shown.code()))
                .header("Orrery-Millis", "%.1f".formatted(shown.millis()))
                .header("Orrery-Size", "%dx%d".formatted(picture.height(), picture.width()))
                .header(
                        "Orrery-World",
                        shown.truth().isEmpty() ? "none" : shown.over() ? "over" : "live");
        if (Optional.ofNullable(page.header("Accept")).orElse("").contains(RAW)) {
            page.contentType(RAW).result(picture.rgb());
        } else {
            page.contentType("image/png").result(Png.encode(picture, 1));
        }
    }

    private void trajectory(Context page) throws InterruptedException {
        var room = house.find(page.pathParam("id"));
        var controls = await(room.controls());
        var all = room.trajectory();
        var view = new LinkedHashMap<String, Object>();
        view.put(
                "prompt",
                switch (all.prompt()) {
                    case DreamPrompt.Recorded(int index) -> controls.prompts().get(index);
                    case DreamPrompt.Picture(Image image) ->
                            Map.of(
                                    "picture",
                                    Base64.getEncoder().encodeToString(Png.encode(image, 6)));
                });
        view.put("seed", all.seed());
        view.put("actions", all.moments().stream().map(DreamRoom.Moment::code).toList());
        view.put("steps", all.moments().stream().map(m -> m.sampling().steps()).toList());
        view.put("tau", all.moments().stream().map(m -> m.sampling().tau()).toList());
        view.put(
                "ids",
                IntStream.rangeClosed(0, all.moments().size())
                        .mapToObj(t -> t == 0 ? all.first() : all.moments().get(t - 1).ids())
                        .toList());
        Answers.json(page, view);
    }

    private void gif(Context page) throws IOException {
        var film = house.find(page.pathParam("id")).film();
        send(page, "gif", "image/gif", DreamFilm.gif(film, beside(page)));
    }

    private void mp4(Context page) throws IOException {
        var film = house.find(page.pathParam("id")).film();
        send(page, "mp4", "video/mp4", DreamFilm.mp4(film, beside(page)));
    }

    private static void send(Context page, String ending, String type, byte[] content) {
        page.header("Cache-Control", "no-store")
                .header(
                        "Content-Disposition",
                        "attachment; filename=\"dream.%s\"".formatted(ending))
                .contentType(type)
                .result(content);
    }

    private static boolean beside(Context page) {
        return "true".equals(page.queryParam("beside"));
    }

    private static <T> T await(CompletableFuture<T> promise) throws InterruptedException {
        try {
            return promise.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            throw Refusal.busy(
                    "the model did not answer within %d seconds; use fewer steps"
                            .formatted(PATIENCE_SECONDS));
        } catch (ExecutionException e) {
            throw refusal(e.getCause());
        }
    }

    private static RuntimeException refusal(Throwable cause) {
        return switch (cause) {
            case Refusal refusal -> refusal;
            case IllegalArgumentException e -> Refusal.wrong(String.valueOf(e.getMessage()));
            case RuntimeException e -> e;
            default -> new IllegalStateException("the model failed: " + cause, cause);
        };
    }

    @Override
    public void close() {
        house.close();
    }
}
