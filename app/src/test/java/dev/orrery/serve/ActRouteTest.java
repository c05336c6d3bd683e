package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.ActClient;
import dev.orrery.data.wire.JsonNumpy;
import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.ObservationKeys;
import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Text;
import dev.orrery.data.wire.WireClient;
import dev.orrery.data.wire.WireException;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Arm;
import dev.orrery.env.tabletop.Tabletop;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ActRouteTest {

    private static final Observation SEEN = new Tabletop().reset(3);

    private ServedPolicy policy;
    private WireServer server;

    @BeforeEach
    void start() {
        serve(Robot.tabletop(), ServeOptions.local(0));
    }

    private void serve(Robot robot, ServeOptions options) {
        policy = new ServedPolicy(false);
        var service = PolicyService.of(robot, Fields.empty(), 7, policy::ready);
        server = WireServer.start(service, options);
    }

    private void restart(Robot robot, ServeOptions options) {
        server.close();
        serve(robot, options);
    }

    @AfterEach
    void stop() {
        policy.go();
        server.close();
    }

    private URI http() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static NdArray picture(String camera) {
        var image = SEEN.image(camera);
        return NdArray.of(image.rgb(), image.height(), image.width(), 3);
    }

    private static Fields question() {
        return Fields.empty()
                .with("image", picture("overhead"))
                .with("instruction", "press the button")
                .with("wrist", picture("wrist"))
                .with("state", NdArray.of(SEEN.state(), SEEN.state().length));
    }

    private HttpResponse<String> post(String body, String... headers) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(http().resolve("/act"))
                            .POST(BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return http.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static String json(Value value) {
        return new String(JsonNumpy.write(value), StandardCharsets.UTF_8);
    }

    @Test
    void aPictureAndAnInstructionGetOneActionAndTheSameAgain() throws Exception {
        try (var client = ActClient.of(http())) {
            assertThat(client.act(question())).containsExactly(SEEN.state());
            assertThat(client.act(question().with("unnorm_key", "orrery_tabletop")))
                    .containsExactly(SEEN.state());
        }
        var answer = post(json(question()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"__numpy__\"", "\"dtype\":\"<f8\"", "\"shape\":[4]");
    }

    @Test
    void aRobotWithOneCameraAndNoStateIsAskedInOpenVlasOwnWords() {
        var names = new LinkedHashMap<>(java.util.Map.of("eye", List.of("eye")));
        var keys = new ObservationKeys(names, List.of(), List.of("prompt"));
        var robot = new Robot("bridge_orig", keys, 0, Arm.FOUR.actions(), 5);
        restart(robot, ServeOptions.local(0));
        try (var client = ActClient.of(http())) {
            var image = picture("overhead");
            var action = client.act(image, "pick up the cup", Optional.of("bridge_orig"));
            assertThat(action).containsExactly(0, 0, 0, 0);
            assertThatThrownBy(() -> client.act(image, "pick", Optional.of("bridge_orgi")))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("status 400")
                    .hasMessageContaining("did you mean 'bridge_orig'?");
        }
    }

    @Test
    void jsonInATextIsAnsweredByJsonInAText() throws Exception {
        var answer = post(json(Fields.empty().with("encoded", json(question()))));
        var text = (Text) JsonNumpy.read(answer.body().getBytes(StandardCharsets.UTF_8));
        var inner = JsonNumpy.read(text.value().getBytes(StandardCharsets.UTF_8));
        assertThat(inner).isInstanceOf(Value.Array.class);
    }

    @Test
    void wrongQuestionsAreAnsweredWithTheirNameAndStatus() throws Exception {
        assertThat(post("{\"image\": ").statusCode()).isEqualTo(400);
        assertThat(post("[1, 2]").body()).contains("bad_request", "send an object");
        var blind = Fields.empty().with("instruction", "x").with("state", picture("wrist"));
        assertThat(post(json(blind)).body()).contains("picture of camera overhead is missing");
        var numbers = question().with("image", NdArray.of(new float[] {1, 2, 3}, 3));
        assertThat(post(json(numbers)).body()).contains("a picture is an array (H, W, 3)");
        var typo = question().with("instrucion", "x");
        assertThat(post(json(typo)).body()).contains("nobody reads 'instrucion'");
        var short1 = "{\"__numpy__\": \"AAAA\", \"dtype\": \"<f4\", \"shape\": [2]}";
        assertThat(post("{\"image\": %s}".formatted(short1)).body()).contains("it needs 8");
        assertThat(post("{\"a\": \"").body()).contains("no JSON");
        assertThat(post("[".repeat(100)).statusCode()).isEqualTo(400);
    }

    @Test
    void largeQuestionsAndStrangersAreRefused() throws Exception {
        var token = "correct horse battery";
        restart(Robot.tabletop(), new ServeOptions("127.0.0.1", 0, Optional.of(token), 2, 4096));
        assertThat(post(json(question())).statusCode()).isEqualTo(401);
        var answer = post(json(question()), "Authorization", "Api-Key " + token);
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("larger than 4096 bytes");
        var shown = WireClient.Options.USUAL.withToken(token);
        try (var client = ActClient.of(http(), shown)) {
            assertThatThrownBy(() -> client.act(Fields.empty())).hasMessageContaining("400");
        }
        restart(Robot.tabletop(), ServeOptions.local(0));
        assertThat(post(json(question()), "Origin", "https://example.org").statusCode())
                .isEqualTo(403);
    }

    @Test
    void lateAndCrowdedQuestionsAreRefusedByName() throws Exception {
        restart(Robot.tabletop(), new ServeOptions("127.0.0.1", 0, Optional.empty(), 1, 1 << 20));
        try (var client = ActClient.of(http())) {
            policy.stop();
            var slow = CompletableFuture.supplyAsync(() -> client.act(question()));
            while (policy.passes.isEmpty()) {
                Thread.sleep(2);
            }
            assertThatThrownBy(() -> client.act(question()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("1 questions are being answered");
            policy.go();
            assertThat(slow.join()).hasSize(4);
            var late = post(json(question().with("deadline_ms", 0)));
            assertThat(late.statusCode()).isEqualTo(504);
            assertThat(late.body()).contains("\"error\":\"deadline_exceeded\"");
            assertThat(client.act(question().with("deadline_ms", 10_000))).hasSize(4);
        }
    }

    @Test
    void aCallerWhoVanishesInTheMiddleOfItsQuestionHarmsNobody() throws IOException {
        try (var half = new Socket("127.0.0.1", server.port())) {
            var start = "POST /act HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{\"image\"";
            half.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
            half.getOutputStream().flush();
            half.setSoLinger(true, 0);
        }
        try (var client = ActClient.of(http())) {
            assertThat(client.act(question())).hasSize(4);
        }
    }

    @Test
    void aServerWithoutAPolicySaysSo() throws Exception {
        server.close();
        server =
                WireServer.start(
                        TabletopService.of(Arm.FOUR, Optional.empty(), (_, _) -> {}),
                        ServeOptions.local(0));
        var answer = post(json(question()));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("no policy");
    }
}
