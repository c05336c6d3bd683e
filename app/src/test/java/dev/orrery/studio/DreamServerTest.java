package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.media.Pictures;
import dev.orrery.data.media.Png;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.worldmodel.play.DreamControls;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.DreamTruth;
import dev.orrery.worldmodel.play.Sampling;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class DreamServerTest {

    private static final int SIDE = 8, CODES = 4;

    /// A model whose tokens are drawn from the seed and moved by the code, as sampling does it.
    private final class Noise implements DreamSession {
        private final Thread owner = Thread.currentThread();
        private Dice dice = new Dice(0);
        private int[] ids = {};
        private final Platformer world = new Platformer();

        Noise() {
            open.incrementAndGet();
        }

        @Override
        public DreamControls controls() {
            var actions = new LinkedHashMap<String, Integer>();
            actions.put("right", 1);
            actions.put("jump right", 2);
            return new DreamControls(
                    SIDE, SIDE, List.of("meadow", "cave"), CODES, 0, actions, List.of());
        }

        @Override
        public Image begin(DreamPrompt prompt, long seed) {
            assertThat(Thread.currentThread()).isSameAs(owner);
            dice = new Dice(seed);
            ids =
                    switch (prompt) {
                        case DreamPrompt.Recorded(int index) -> new int[] {index, 0};
                        case DreamPrompt.Picture(Image image) -> new int[] {image.at(0, 0, 0), 1};
                    };
            return picture();
        }

        @Override
        public Image step(int code, Sampling sampling) {
            assertThat(Thread.currentThread()).isSameAs(owner);
            started.release();
            gate.acquireUninterruptibly();
            gate.release();
            if (code == 3) {
                throw new IllegalStateException("frame turned out NaN");
            }
            ids = new int[] {ids[0] + code, dice.nextInt(1000) * sampling.steps()};
            return picture();
        }

        private Image picture() {
            var rgb = new byte[SIDE * SIDE * 3];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (ids[i % 2] * (i + 1));
            }
            return new Image(SIDE, SIDE, rgb);
        }

        @Override
        public int[] ids() {
            return ids.clone();
        }

        @Override
        public Optional<DreamTruth> truth() {
            return ids[1] == 1
                    ? Optional.empty()
                    : Optional.of(DreamTruth.of(world, world.reset(ids[0]).image("image")));
        }

        @Override
        public void close() {
            assertThat(Thread.currentThread()).isSameAs(owner);
            open.decrementAndGet();
        }
    }

    private final AtomicInteger open = new AtomicInteger();
    private final Semaphore gate = new Semaphore(1), started = new Semaphore(0);

    private final DreamSource source =
            new DreamSource() {
                @Override
                public List<Choice> choices() {
                    return List.of(new Choice("noise", "noise", "made up"));
                }

                @Override
                public DreamSession open(String id) {
                    if (!id.equals("noise")) {
                        throw new IllegalArgumentException("run %s is gone".formatted(id));
                    }
                    return new Noise();
                }
            };

    @TempDir Path folder;
    private Studio studio;
    private HttpClient client;

    @BeforeEach
    void open() {
        studio = studio(Dreaming.of(source));
        client = HttpClient.newHttpClient();
    }

    @AfterEach
    void close() {
        studio.close();
        client.shutdownNow();
    }

    private Studio studio(Dreaming dreams) {
        return Studio.start(
                new StudioOptions(
                        0,
                        folder.resolve("runs"),
                        folder.resolve("data"),
                        PolicySource.none(),
                        dreams));
    }

    private HttpRequest request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(studio.address() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                .build();
    }

    private HttpResponse<byte[]> ask(String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(request(method, path, body), BodyHandlers.ofByteArray());
    }

    private JsonNode json(HttpResponse<byte[]> answer) {
        return Json.read(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
    }

    private JsonNode begin(String body) throws IOException, InterruptedException {
        var answer = ask("POST", "session", body);
        assertThat(answer.statusCode()).as(json(answer).toString()).isEqualTo(201);
        return json(answer);
    }

    private byte[] step(String id, String body) throws IOException, InterruptedException {
        var answer = ask("POST", "session/%s/step".formatted(id), body);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    private void refused(int status, String said, String method, String path, String body)
            throws IOException, InterruptedException {
        var answer = ask(method, path, body);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("error").asString()).contains(said);
    }

    @Test
    void aDreamIsPlayedFrameByFrame() throws Exception {
        var session = begin("{'prompt': 'cave', 'seed': 5, 'steps': 2, 'tau': 1.5}");
        assertThat(session.path("run").asString()).isEqualTo("noise");
        assertThat(session.path("tau").asDouble()).isEqualTo(1.5);
        assertThat(session.path("controls").path("codes").asInt()).isEqualTo(CODES);
        assertThat(session.path("controls").path("actions").path("jump right").asInt())
                .isEqualTo(2);
        var id = session.path("id").asString();
        var first = ask("GET", "session/%s/frame".formatted(id), "");
        assertThat(first.headers().firstValue("Orrery-Frame")).contains("0");
        var picture = Pictures.decode(step(id, "{'action': 'jump right'}"));
        assertThat(picture).isNotEqualTo(Pictures.decode(first.body()));
        var raw =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                studio.address()
                                                        + "session/%s/frame?beside=true"
                                                                .formatted(id)))
                                .header("Accept", "application/octet-stream")
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(raw.headers().firstValue("Orrery-Size")).contains("64x72");
        assertThat(raw.headers().firstValue("Orrery-World")).contains("live");
        assertThat(raw.headers().firstValue("Orrery-Code")).contains("2");
        assertThat(raw.body()).hasSize(64 * 72 * 3);
        assertThat(ask("DELETE", "session/" + id, "").statusCode()).isEqualTo(200);
        assertThat(open).hasValue(0);
        refused(
                404,
                "there is no session",
                "POST",
                "session/%s/step".formatted(id),
                "{'action':1}");
    }

    @Test
    void aTrajectoryIsReplayedBitForBit() throws Exception {
        var id = begin("{'prompt': 1, 'seed': 77}").path("id").asString();
        var frames = new ArrayList<byte[]>();
        for (var body :
                List.of("{'action':1,'steps':3}", "{'action':'right','tau':2}", "{'action':0}")) {
            frames.add(step(id, body));
        }
        var seen = json(ask("GET", "session/%s/trajectory".formatted(id), ""));
        assertThat(seen.path("actions").toString()).isEqualTo("[1,1,0]");
        assertThat(seen.path("ids").size()).isEqualTo(4);
        var again =
                begin(
                                "{'prompt': '%s', 'seed': %d}"
                                        .formatted(
                                                seen.path("prompt").asString(),
                                                seen.path("seed").asLong()))
                        .path("id")
                        .asString();
        for (int t = 0; t < 3; t++) {
            var body =
                    Map.of(
                            "action", seen.path("actions").get(t).asInt(),
                            "steps", seen.path("steps").get(t).asInt(),
                            "tau", seen.path("tau").get(t).asDouble());
            assertThat(step(again, Json.write(body))).isEqualTo(frames.get(t));
        }
        assertThat(json(ask("GET", "session/%s/trajectory".formatted(again), ""))).isEqualTo(seen);
        assertThat(ask("POST", "session/%s/reset".formatted(again), "{'seed': 78}").statusCode())
                .isEqualTo(200);
        assertThat(step(again, "{'action':1,'steps':3}")).isNotEqualTo(frames.getFirst());
    }

    @Test
    void theFifthDreamIsRefusedUntilAnotherEnds() throws Exception {
        var first = begin("").path("id").asString();
        for (int i = 1; i < Dreaming.SESSIONS; i++) {
            begin("{}");
        }
        refused(503, "4 dreams are being played already", "POST", "session", "{}");
        ask("DELETE", "session/" + first, "");
        begin("{}");
        assertThat(open).hasValue(Dreaming.SESSIONS);
    }

    @Test
    void aDreamInWhichNothingIsPressedEnds() throws Exception {
        studio.close();
        studio = studio(new Dreaming(source, 1, Duration.ofMillis(300)));
        var id = begin("{}").path("id").asString();
        for (int i = 0; i < 100 && open.get() > 0; i++) {
            Thread.sleep(50);
        }
        assertThat(open).hasValue(0);
        refused(404, "after 0.3 seconds", "POST", "session/%s/step".formatted(id), "{}");
        begin("{}");
    }

    @Test
    void ofKeysThatWaitOnlyTheNewestIsTaken() throws Exception {
        var id = begin("{}").path("id").asString();
        gate.acquire();
        var answers = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
        var path = "session/%s/step".formatted(id);
        answers.add(press(path, 0));
        started.acquire();
        answers.add(press(path, 1));
        answers.add(press(path, 1));
        // Whichever of the two came first is answered at once; the model is still at work.
        CompletableFuture.anyOf(answers.get(1), answers.get(2)).join();
        answers.add(press(path, 2));
        for (int i = 0; i < 200 && !(answers.get(1).isDone() && answers.get(2).isDone()); i++) {
            Thread.sleep(20);
        }
        gate.release();
        assertThat(answers.stream().map(a -> a.join().statusCode()))
                .containsExactly(200, 204, 204, 200);
        var seen = json(ask("GET", "session/%s/trajectory".formatted(id), ""));
        assertThat(seen.path("actions").toString()).isEqualTo("[0,2]");
    }

    private CompletableFuture<HttpResponse<byte[]>> press(String path, int code) {
        return client.sendAsync(
                request("POST", path, "{'action': %d}".formatted(code)),
                BodyHandlers.ofByteArray());
    }

    @Test
    void oneDreamDoesNotWaitForAnother() throws Exception {
        var slow = begin("{}").path("id").asString();
        var other = begin("{}").path("id").asString();
        gate.acquire();
        var waiting = press("session/%s/step".formatted(slow), 1);
        started.acquire();
        var reached = new CountDownLatch(1);
        var answered = ask("GET", "session/%s/frame".formatted(slow), "");
        assertThat(answered.headers().firstValue("Orrery-Frame")).contains("0");
        assertThat(ask("POST", "session/%s/reset".formatted(other), "{}").statusCode())
                .isEqualTo(200);
        reached.countDown();
        assertThat(waiting).isNotDone();
        gate.release();
        assertThat(waiting.join().statusCode()).isEqualTo(200);
    }

    @Test
    void whatCannotBeAskedIsNamed() throws Exception {
        refused(400, "there is no prompt 'cavern'", "POST", "session", "{'prompt': 'cavern'}");
        refused(400, "did you mean 'seed'", "POST", "session", "{'sead': 1}");
        refused(400, "choose 1 to 64", "POST", "session", "{'steps': 0}");
        refused(400, "more than 0", "POST", "session", "{'tau': 0}");
        refused(400, "'seed' is a whole number", "POST", "session", "{'seed': 'x'}");
        refused(400, "this is no JSON", "POST", "session", "{");
        refused(400, "run other is gone", "POST", "session", "{'run': 'other'}");
        refused(404, "there is no /session/x/y", "GET", "session/x/y", "");
        var id = begin("{}").path("id").asString();
        var path = "session/%s/step".formatted(id);
        refused(
                400,
                "there is no key '9'; keys are the codes 0 to 3",
                "POST",
                path,
                "{'action':9}");
        refused(400, "'action' is missing", "POST", path, "{}");
        refused(500, "frame turned out NaN", "POST", path, "{'action':3}");
        assertThat(step(id, "{'action':1}")).isNotEmpty();
        assertThat(open).hasValue(1);
    }

    @Test
    void aPictureBeginsADreamIfItHasTheSize() throws Exception {
        var small = Png.encode(new Image(4, 6, new byte[4 * 6 * 3]), 1);
        refused(
                400,
                "the picture is 4 x 6 pixels (height x width), the model sees 8 x 8",
                "POST",
                "session",
                "{'picture': '%s'}".formatted(Base64.getEncoder().encodeToString(small)));
        refused(400, "cannot be read", "POST", "session", "{'picture': 'AAAA'}");
        var rgb = new byte[SIDE * SIDE * 3];
        rgb[0] = 9;
        var fitting = Base64.getEncoder().encodeToString(Png.encode(new Image(SIDE, SIDE, rgb), 1));
        var id = begin("{'picture': '%s'}".formatted(fitting)).path("id").asString();
        var frame = ask("GET", "session/%s/frame?beside=true".formatted(id), "");
        assertThat(frame.headers().firstValue("Orrery-World")).contains("none");
        var seen = json(ask("GET", "session/%s/trajectory".formatted(id), ""));
        assertThat(seen.path("ids").get(0).get(0).asInt()).isEqualTo(9);
        var picture = seen.path("prompt").path("picture").asString();
        assertThat(Pictures.decode(Base64.getDecoder().decode(picture)))
                .isEqualTo(new Image(SIDE, SIDE, rgb));
    }

    @Test
    void aDreamIsSavedAsAFilm() throws Exception {
        var id = begin("{}").path("id").asString();
        step(id, "{'action':1}");
        step(id, "{'action':2}");
        var gif = ask("GET", "session/%s/film.gif".formatted(id), "");
        assertThat(gif.headers().firstValue("Content-Type").orElse("")).contains("image/gif");
        var first = Pictures.decode(gif.body());
        assertThat(first.height()).isEqualTo(256);
        assertThat(first.width()).isEqualTo(256);
        var mp4 = ask("GET", "session/%s/film.mp4?beside=true".formatted(id), "");
        assertThat(mp4.statusCode()).isEqualTo(200);
        assertThat(new String(mp4.body(), 4, 4, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("ftyp");
    }
}
