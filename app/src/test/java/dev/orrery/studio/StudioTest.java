package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Observation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class StudioTest {

    /// A policy that breaks, one that holds still, and one that cannot be opened.
    private static final PolicySource BROKEN =
            new PolicySource() {
                @Override
                public List<Choice> choices() {
                    return List.of(
                            new Choice("nan", "Not a number", ""),
                            new Choice("still", "Still", ""));
                }

                @Override
                public LivePolicy open(String id) {
                    if (!id.equals("nan") && !id.equals("still")) {
                        throw new IllegalArgumentException("there is no policy '" + id + "'");
                    }
                    return new LivePolicy() {
                        @Override
                        public void reset(long seed) {}

                        @Override
                        public Decision decide(Observation observation) {
                            float x = id.equals("nan") ? Float.NaN : 0;
                            return Decision.of(List.of(new float[] {x, 0, 0, 0}));
                        }
                    };
                }
            };

    @TempDir Path folder;
    private Studio studio;
    private HttpClient client;

    @BeforeEach
    void open() {
        studio = Studio.start(options(0));
        client = HttpClient.newHttpClient();
    }

    @AfterEach
    void close() {
        studio.close();
        client.shutdownNow();
    }

    private StudioOptions options(int port) {
        return new StudioOptions(port, folder.resolve("runs"), folder.resolve("data"), BROKEN);
    }

    /// The other end of a table's line.
    private final class Line implements WebSocket.Listener {
        final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
        final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();
        private final WebSocket socket =
                client.newWebSocketBuilder()
                        .buildAsync(
                                URI.create(
                                        "ws://127.0.0.1:%d/api/tabletop".formatted(studio.port())),
                                this)
                        .join();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                heard.add(Json.read(part.toString()));
                part.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            ended.add(code);
            return null;
        }

        void say(String message) {
            socket.sendText(message.replace('\'', '"'), true).join();
        }

        JsonNode await(Predicate<JsonNode> wanted) throws InterruptedException {
            for (int i = 0; i < 500; i++) {
                var message = heard.poll(10, TimeUnit.SECONDS);
                assertThat(message).as("a message in time").isNotNull();
                if (wanted.test(message)) {
                    return message;
                }
            }
            throw new AssertionError("500 messages, none of them the one waited for");
        }

        JsonNode notice() throws InterruptedException {
            return await(m -> m.path("type").asString("").equals("notice"));
        }

        JsonNode frame(Predicate<JsonNode> wanted) throws InterruptedException {
            return await(m -> m.path("type").asString("").equals("frame") && wanted.test(m));
        }
    }

    private static Predicate<JsonNode> status(String status) {
        return frame -> frame.path("status").asString("").equals(status);
    }

    @Test
    void aPortInUseIsAnsweredWithAFreeOne() throws IOException {
        assertThatThrownBy(() -> Studio.start(options(studio.port())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port %d is in use".formatted(studio.port()))
                .hasMessageMatching(".*port \\d+ is free: add --port \\d+");
        try (var other = new ServerSocket()) {
            other.bind(new InetSocketAddress("127.0.0.1", 0));
            assertThatThrownBy(() -> Studio.start(options(other.getLocalPort())))
                    .hasMessageContaining("is in use");
        }
        assertThatThrownBy(() -> options(70_000)).hasMessageContaining("port 70000 does not exist");
    }

    @Test
    void questionsUnderAnotherNameAreRefused() throws IOException {
        try (var socket = new Socket("127.0.0.1", studio.port())) {
            socket.getOutputStream()
                    .write(
                            "GET /api/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 403").contains("answers only to localhost");
        }
    }

    @Test
    void unknownThingsAreAnsweredWithSentences() throws Exception {
        assertThat(get("/api/nothing")).contains("there is no /api/nothing");
        assertThat(get("/api/runs/details?run=gone")).contains("there is no run 'gone'");
        assertThat(get("/api/runs/details")).contains("name 1 to 16 runs");
        assertThat(get("/api/data/set?set=../../etc")).contains("there is no data set");
        assertThat(get("/api/data/episodes?set=a&from=-1&count=5")).contains("whole number from 0");
        assertThat(get("/api/data/episode?episode=0")).contains("parameter 'set' is missing");
        assertThat(get("/../../etc/passwd")).doesNotContain("root:");
    }

    @Test
    void ofTooManyRunsTheNewestAreListed() throws Exception {
        for (int i = 0; i <= 500; i++) {
            var run = Files.createDirectories(folder.resolve("runs/r" + i));
            var log = Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1}\n");
            Files.setLastModifiedTime(log, FileTime.fromMillis(1_000_000L * (500 - i)));
        }
        assertThat(get("/api/runs"))
                .contains("\"r0\"", "\"r499\"", "The newest 500 of 501 runs are listed")
                .doesNotContain("\"r500\"");
        assertThat(get("/api/runs/details?run=r500")).contains("\"id\":\"r500\"");
    }

    @Test
    void aDamagedDataSetIsDescribedWithoutWordsOfTheParser() throws Exception {
        var meta = Files.createDirectories(folder.resolve("data/torn/meta"));
        Files.writeString(meta.resolve("info.json"), "{");
        assertThat(get("/api/data"))
                .contains("info.json: cannot be read", "line 1")
                .doesNotContain("REDACTED");
    }

    @Test
    void dataSetsThatAreBeingWrittenAreNotListed() throws Exception {
        for (var name : List.of("episodes", "episodes.rewritten.partial", "episodes.replaced")) {
            var meta = Files.createDirectories(folder.resolve("runs/r/" + name + "/meta"));
            Files.writeString(meta.resolve("info.json"), "{}");
        }
        assertThat(get("/api/data"))
                .contains("runs/r/episodes\"")
                .doesNotContain("rewritten", "replaced");
    }

    private String get(String path) throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + studio.port() + path));
        return client.send(request.build(), BodyHandlers.ofString()).body();
    }

    @Test
    void anInstructionIsCarriedOutOverTheLine() throws InterruptedException {
        var line = new Line();
        line.say("{'type':'instruct','text':'pick up the red star'}");
        var done = line.frame(status("success"));
        assertThat(done.path("scene").path("gripper").path("z").asDouble()).isGreaterThan(.13);
        assertThat(done.path("images").path("overhead").asString())
                .startsWith("data:image/png;base64,");
        line.say("{'type':'instruct','text':'pick up the red star'}");
        assertThat(line.await(m -> m.has("suggestions")).path("text").asString())
                .isEqualTo("That is so already.");
    }

    @Test
    void theSameSceneComesBackBySeed() throws InterruptedException {
        var line = new Line();
        var first = line.frame(_ -> true);
        line.say("{'type':'reset','seed':99}");
        var other = line.frame(f -> f.path("seed").asLong() == 99);
        assertThat(other.path("scene")).isNotEqualTo(first.path("scene"));
        line.say("{'type':'reset','seed':%d}".formatted(first.path("seed").asLong()));
        var again = line.frame(f -> f.path("seed").asLong() != 99);
        assertThat(again.path("scene")).isEqualTo(first.path("scene"));
    }

    @Test
    void aPolicyThatBreaksEndsItsEpisodeAndNothingElse() throws InterruptedException {
        var line = new Line();
        line.say("{'type':'policy','id':'nan'}");
        line.say("{'type':'play'}");
        assertThat(line.frame(status("failed")).path("why").asString()).contains("not a number");
        line.say("{'type':'policy','id':'gone'}");
        assertThat(line.notice().path("text").asString()).isEqualTo("There is no policy 'gone'.");
        line.say("{'type':'policy','id':'expert'}");
        line.say("{'type':'instruct','text':'press the button'}");
        line.frame(status("success"));
    }

    @Test
    void anotherPolicyTakesOverWhileTheFirstActs() throws InterruptedException {
        var line = new Line();
        line.say("{'type':'policy','id':'still'}");
        line.say("{'type':'toggle'}");
        var first = line.frame(f -> f.path("step").asInt() > 0);
        assertThat(first.path("policy").asString()).isEqualTo("still");
        assertThat(first.path("latency").path("count").asInt()).isPositive();
        line.say("{'type':'policy','id':'expert'}");
        var then = line.frame(f -> f.path("policy").asString().equals("expert"));
        assertThat(then.path("status").asString()).isEqualTo("running");
        assertThat(then.path("episode")).isEqualTo(first.path("episode"));
        line.frame(status("success"));
    }

    @Test
    void aTableIsLaidAsOneThatWasLost() throws InterruptedException {
        var line = new Line();
        line.say("{'type':'reset','seed':31}");
        var lost = line.frame(f -> f.path("seed").asLong() == 31);
        var other = new Line();
        other.say(
                "{'type':'restore','policy':'still','text':'put the red star in the tray','seed':31}");
        var again = other.frame(f -> f.path("policy").asString().equals("still"));
        assertThat(again.path("scene")).isEqualTo(lost.path("scene"));
        other.say("{'type':'restore','policy':'gone','text':'press the button','seed':31}");
        assertThat(other.notice().path("text").asString()).isEqualTo("There is no policy 'gone'.");
    }

    @Test
    void badMessagesAreAnsweredAndTheTableLivesOn() throws InterruptedException {
        var line = new Line();
        for (var bad :
                List.of(
                        "nonsense",
                        "{'type':'fly'}",
                        "{'type':'instruct','text':''}",
                        "{'type':'reset','seed':'x'}",
                        "{'type':'drag','block':99,'x':0.5,'y':0.5}",
                        "{'type':'drag','block':0,'y':0.5}",
                        "{'type':'hand','x':1e999,'y':0,'z':0}",
                        "{'type':'save'}")) {
            line.say(bad);
            assertThat(line.notice().path("level").asString()).as(bad).isEqualTo("bad");
        }
        line.say("{'type':'step'}");
        assertThat(line.frame(f -> f.path("step").asInt() == 1)).isNotNull();
    }

    @Test
    void onlySoManyTablesAreOpenAtOnce() throws InterruptedException {
        var lines = new ArrayList<Line>();
        for (int i = 0; i < TabletopDoor.MOST_SESSIONS; i++) {
            lines.add(new Line());
            lines.getLast().frame(_ -> true);
        }
        assertThat(new Line().ended.poll(10, TimeUnit.SECONDS)).isEqualTo(1013);
        lines.getFirst().socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        lines.getFirst().ended.poll(10, TimeUnit.SECONDS);
        new Line().frame(_ -> true);
    }
}
