package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.WireClient;
import dev.orrery.data.wire.WireException;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Plays;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PolicyServerTest {

    private static final Observation SEEN = new Tabletop().reset(3);

    private WireServer server;
    private final Robot robot = Robot.tabletop();

    /// Says back what it saw: the state, then the noise's seed.
    private static final class Echo implements ChunkPolicy {
        private long seed;
        private Thread owner = Thread.currentThread();

        @Override
        public void reset(long seed) {
            this.seed = seed;
        }

        @Override
        public float[][] chunk(Observation seen, Held held) {
            if (Thread.currentThread() != owner) {
                throw new AssertionError("asked on a thread that did not open it");
            }
            var noise = new float[] {(seed & 0xff) / 256f, 0, 0, 0};
            return seen.text().equals("break")
                    ? new float[][] {{Float.NaN, 0, 0, 0}}
                    : new float[][] {seen.state(), noise};
        }
    }

    private static PolicyService service() {
        var about = Fields.empty().with("policy", "echo");
        return PolicyService.of(
                Robot.tabletop(), about, 7, () -> new Plays.Ready(new Echo(), 2, () -> {}));
    }

    @BeforeEach
    void start() {
        server = WireServer.start(service(), ServeOptions.local(0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private WireClient connect() {
        return WireClient.connect(URI.create(server.address()));
    }

    private void restart(ServeOptions options) {
        server.close();
        server = WireServer.start(service(), options);
    }

    @Test
    void metadataComeFirstAndEveryObservationGetsActionsAndTimes() {
        try (var client = connect()) {
            assertThat(client.metadata().text("policy")).isEqualTo("echo");
            assertThat(client.metadata().entries()).containsKeys("observation", "actions", "fps");
            assertThat(client.metadata().has(PolicyService.KERNELS))
                    .as("a policy without weights")
                    .isFalse();
            var first = client.ask(robot.keys().write(SEEN));
            assertThat(first.array("actions").rows()[0]).containsExactly(SEEN.state());
            assertThat(first.fields("server_timing").number("infer_ms")).isPositive();
            assertThat(first.fields("server_timing").has("prev_total_ms")).isFalse();
            var second = client.ask(robot.keys().write(SEEN));
            assertThat(second.fields("server_timing").number("prev_total_ms")).isPositive();
            assertThat(second.array("actions")).isNotEqualTo(first.array("actions"));
        }
    }

    @Test
    void aCallersActionsDoNotDependOnWhoElseAsks() {
        var question = robot.keys().write(SEEN);
        NdArray alone;
        try (var client = connect()) {
            client.ask(question);
            alone = client.ask(question).array("actions");
        }
        restart(ServeOptions.local(0));
        try (var client = connect();
                var other = connect()) {
            other.ask(question);
            client.ask(question);
            other.ask(question);
            assertThat(client.ask(question).array("actions")).isEqualTo(alone);
        }
    }

    @Test
    void anErrorIsToldAsTextAndEndsTheConnectionButNotTheServer() {
        var question = robot.keys().write(SEEN);
        try (var client = connect()) {
            assertThatThrownBy(() -> client.ask(Fields.empty().with("observation/image", 1)))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("a picture is an array (H, W, 3)")
                    .hasMessageContaining("at dev.orrery");
            assertThatThrownBy(() -> client.ask(question)).hasMessageContaining("1011");
        }
        try (var client = connect()) {
            assertThatThrownBy(() -> client.ask(robot.keys().write(SEEN.withText("break"))))
                    .hasMessageContaining("not finite");
        }
        try (var client = connect()) {
            var wide = new Observation(SEEN.images(), new float[8], SEEN.text());
            assertThatThrownBy(() -> client.ask(robot.keys().write(wide)))
                    .hasMessageContaining("8 values; orrery_tabletop has 4");
        }
        try (var client = connect()) {
            assertThat(client.ask(question).array("actions").rows()).hasDimensions(2, 4);
        }
    }

    @Test
    void arraysOfAnotherTypeAreRefusedByName() {
        var question = robot.keys().write(SEEN);
        try (var client = connect()) {
            var whole = new NdArray("<i4", new int[] {2, 2, 3}, new byte[48]);
            assertThatThrownBy(() -> client.ask(question.with("observation/image", whole)))
                    .hasMessageContaining("'observation/image' is an array of <i4 [2, 2, 3]")
                    .hasMessageContaining("of bytes, or of floats from 0 to 1");
        }
        try (var client = connect()) {
            var bright = NdArray.of(new float[] {0, 1, 255}, 1, 1, 3);
            assertThatThrownBy(() -> client.ask(question.with("observation/image", bright)))
                    .hasMessageContaining("holds 255.0; a picture of floats goes from 0 to 1");
        }
    }

    @Test
    void onlySoManyCallersAreLetInAndAPlaceIsFreeAgainWhenOneLeaves() throws Exception {
        restart(new ServeOptions("127.0.0.1", 0, Optional.empty(), 1, 1 << 20));
        var client = connect();
        assertThatThrownBy(this::connect).hasMessageContaining("1013");
        client.close();
        WireClient second = null;
        for (int attempt = 0; second == null && attempt < 100; attempt++) {
            try {
                second = connect();
            } catch (WireException _) {
                Thread.onSpinWait();
            }
        }
        assertThat(second).as("a place after one left").isNotNull();
        second.close();
    }

    @Test
    void tooLargeMessagesEndTheConnection() {
        restart(new ServeOptions("127.0.0.1", 0, Optional.empty(), 2, 4096));
        try (var client = connect()) {
            assertThatThrownBy(() ->
                            client.ask(Fields.empty().with("x", NdArray.of(new byte[9000], 9000))))
                    .hasMessageContaining("1009");
        }
    }

    @Test
    void beyondThisMachineATokenIsNeeded() {
        assertThatThrownBy(() -> new ServeOptions("0.0.0.0", 0, Optional.empty(), 1, 4096))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--token-file");
        var token = "correct horse battery";
        restart(new ServeOptions("127.0.0.1", 0, Optional.of(token), 2, 1 << 20));
        assertThatThrownBy(this::connect).hasMessageContaining("wants a token");
        var wrong = WireClient.Options.USUAL.withToken("correct horse batterz");
        var address = URI.create(server.address());
        assertThatThrownBy(() -> WireClient.connect(address, wrong))
                .hasMessageContaining("wants a token");
        var right = WireClient.Options.USUAL.withToken(token);
        try (var client = WireClient.connect(address, right)) {
            assertThat(client.metadata().text("policy")).isEqualTo("echo");
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path));
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }

    @Test
    void healthIsAskedByHttp() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/healthz").body()).isEqualTo("OK\n");
        assertThat(get("/").statusCode()).isEqualTo(426);
    }

    @Test
    void pagesOfOtherSitesAreRefused() {
        try (var http = HttpClient.newHttpClient()) {
            var opening =
                    http.newWebSocketBuilder()
                            .header("Origin", "https://example.org")
                            .buildAsync(URI.create(server.address()), new WebSocket.Listener() {});
            assertThatThrownBy(opening::join).rootCause().hasMessageContaining("403");
        }
    }

    /// Hears text and the code of the end.
    private static final class Ears implements WebSocket.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            heard.add(data.toString());
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }
    }

    @Test
    void damagedMessagesAndTextAreAnswered() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var ears = new Ears();
            var socket =
                    http.newWebSocketBuilder()
                            .buildAsync(URI.create(server.address()), ears)
                            .join();
            socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 0xdf, 1}), true).join();
            assertThat(ears.heard.poll(10, TimeUnit.SECONDS)).contains("damaged at byte");
            assertThat(ears.heard.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1011");
            var others = new Ears();
            var talker =
                    http.newWebSocketBuilder()
                            .buildAsync(URI.create(server.address()), others)
                            .join();
            talker.sendText("hello", true).join();
            assertThat(others.heard.poll(10, TimeUnit.SECONDS)).contains("send MessagePack");
            assertThat(others.heard.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1011");
        }
    }

    @Test
    void aPortInUseIsSaidOnceAndNotLogged() {
        var log = Logger.getLogger(""); // of everything
        var logged = new ConcurrentLinkedQueue<String>();
        var listener =
                new StreamHandler() {
                    @Override
                    public void publish(LogRecord record) {
                        if (record.getLevel().intValue() >= Level.WARNING.intValue())
                            logged.add(String.valueOf(record.getMessage()));
                    }
                };
        log.addHandler(listener);
        try (var service = service()) {
            assertThatThrownBy(() -> WireServer.start(service, ServeOptions.local(server.port())))
                    .hasMessageContaining("port %d is in use".formatted(server.port()));
        } finally {
            log.removeHandler(listener);
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void aPortInUseAndAnAbsentServerAreNamed() {
        assertThatThrownBy(
                        () -> {
                            try (var service = service()) {
                                WireServer.start(service, ServeOptions.local(server.port()));
                            }
                        })
                .hasMessageContaining("is in use");
        var address = URI.create(server.address());
        server.close();
        var hasty = WireClient.Options.USUAL.withPatience(Duration.ofSeconds(5));
        assertThatThrownBy(() -> WireClient.connect(address, hasty))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("nobody answers");
        server = WireServer.start(service(), ServeOptions.local(0));
    }
}
