package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.MsgPack;
import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.WireClient;
import dev.orrery.data.wire.WireException;
import dev.orrery.env.tabletop.Tabletop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedPassTest {

    private final Robot robot = Robot.tabletop();
    private ServedPolicy policy;
    private WireServer server;

    @BeforeEach
    void start() {
        serve(new Passes(Duration.ofSeconds(1), 3), true);
    }

    private void serve(Passes passes, boolean continues) {
        policy = new ServedPolicy(continues);
        var about = Fields.empty().with("policy", "echo");
        var service = PolicyService.of(robot, about, 7, passes, policy::ready);
        server = WireServer.start(service, ServeOptions.local(0));
    }

    @AfterEach
    void stop() {
        policy.go();
        server.close();
    }

    private WireClient connect() {
        return WireClient.connect(URI.create(server.address()));
    }

    private Fields question(long seed) {
        return robot.keys().write(new Tabletop().reset(seed));
    }

    private static CompletableFuture<Fields> ask(WireClient client, Fields question) {
        return CompletableFuture.supplyAsync(
                () -> client.ask(question), task -> Thread.ofVirtual().start(task));
    }

    private static void until(BooleanSupplier what) throws InterruptedException {
        while (!what.getAsBoolean()) {
            Thread.sleep(2);
        }
    }

    private String metrics() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:%d/metrics".formatted(server.port()));
            var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            return answer.body();
        }
    }

    @Test
    void robotsThatAskTogetherShareAPassAndEachGetsItsOwnAnswer() throws Exception {
        var clients = new ArrayList<WireClient>();
        for (int i = 0; i < 3; i++) {
            clients.add(connect());
        }
        // The first question loads classes, which takes long on a busy machine.
        clients.getFirst().ask(question(0));
        var answers = new ArrayList<CompletableFuture<Fields>>();
        for (int i = 0; i < 3; i++) {
            answers.add(ask(clients.get(i), question(i)));
        }
        for (int i = 0; i < 3; i++) {
            var chunk = answers.get(i).join().array("actions").rows();
            assertThat(chunk[0]).isEqualTo(new Tabletop().reset(i).state());
        }
        assertThat(policy.passes).containsExactly(1, 3);
        clients.forEach(WireClient::close);
        assertThat(metrics())
                .contains("orrery_questions_total{protocol=\"websocket\",outcome=\"answered\"} 4")
                .contains("orrery_pass_robots_bucket{le=\"2.0\"} 1")
                .contains("orrery_pass_robots_bucket{le=\"4.0\"} 2")
                .contains("orrery_pass_robots_sum 4.0")
                .contains("orrery_answer_seconds_count 4");
    }

    @Test
    void aRobotThatIsAloneDoesNotWaitForOthers() {
        try (var client = connect()) {
            client.ask(question(1));
            long start = System.nanoTime();
            client.ask(question(1));
            assertThat(System.nanoTime() - start).isLessThan(900_000_000);
        }
        assertThat(policy.passes).containsExactly(1, 1);
    }

    @Test
    void aQuestionThatBreaksASharedPassFailsAlone() {
        try (var good = connect();
                var bad = connect();
                var other = connect()) {
            var first = ask(good, question(1));
            var broken = ask(bad, robot.keys().write(new Tabletop().reset(2).withText("break")));
            var last = ask(other, question(3));
            assertThat(first.join().array("actions").rows()[0])
                    .isEqualTo(new Tabletop().reset(1).state());
            assertThat(last.join().has("actions")).isTrue();
            assertThatThrownBy(broken::join)
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("breaks the pass");
        }
    }

    @Test
    void whatIsTooLateIsRefusedByNameAndTheConnectionGoesOn() throws Exception {
        serveAgain();
        try (var busy = connect();
                var hasty = connect()) {
            policy.stop();
            var slow = ask(busy, question(1));
            until(() -> policy.passes.size() == 1);
            var late = ask(hasty, question(2).with("deadline_ms", 20));
            assertThatThrownBy(late::join)
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("wanted within 20.0 ms")
                    .extracting(e -> ((RefusedException) e).reason())
                    .isEqualTo(Reason.DEADLINE_EXCEEDED);
            assertThat(slow).as("the pass before it goes on").isNotDone();
            policy.go();
            assertThat(slow.join().has("actions")).isTrue();
            assertThat(policy.passes).as("nothing was computed for it").containsExactly(1);
            policy.stop();
            var meanwhile = ask(hasty, question(2).with("deadline_ms", 20));
            until(() -> policy.passes.size() == 2);
            assertThatThrownBy(meanwhile::join).hasMessageContaining("not ready after");
            policy.go();
            assertThat(hasty.ask(question(2).with("deadline_ms", 60_000)).has("actions")).isTrue();
            assertThatThrownBy(() -> hasty.ask(question(2).with("deadline_ms", -1)))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("'deadline_ms' is -1.0; send milliseconds from 0");
        }
        assertThat(metrics())
                .contains("orrery_refusals_total{reason=\"deadline_exceeded\"} 2")
                .contains("orrery_questions_total{protocol=\"websocket\",outcome=\"refused\"} 2");
    }

    private void serveAgain() {
        server.close();
        serve(new Passes(Duration.ZERO, 1), true);
    }

    @Test
    void aChunkIsContinuedWithWhatTheCallerOrTheServerRemembers() {
        try (var client = connect()) {
            assertThat(client.metadata().flag("rtc")).isTrue();
            var left = NdArray.of(new float[][] {{.5f, 0, 0, 0}, {.6f, 0, 0, 0}});
            var given = Fields.empty().with("previous", left).with("delay", 1);
            var first = client.ask(question(1).with("rtc", given)).array("actions").rows();
            assertThat(first[1]).endsWith(.1f, .2f, .5f);
            var kept = Fields.empty().with("executed", 1).with("delay", 2);
            var second = client.ask(question(1).with("rtc", kept)).array("actions").rows();
            assertThat(second[1]).endsWith(.2f, .2f, first[1][0]);
            assertThat(client.ask(question(1)).array("actions").rows()[1]).endsWith(0f, 0f, 0f);
        }
    }

    @Test
    void continuationsThatDoNotFitAreNamed() {
        var narrow = NdArray.of(new float[][] {{1, 2}});
        var two = NdArray.of(new float[2][4]);
        var none = Fields.empty();
        rejects(none.with("delay", 1), "needs one of 'previous'");
        rejects(none.with("executed", 1).with("delay", 0), "there is none yet");
        rejects(none.with("previous", narrow).with("delay", 1), "<f4 [1, 2]; send the actions");
        rejects(none.with("previous", two).with("delay", 3), "3 with 2 actions left");
        rejects(none.with("previous", two), "no 'delay'");
        rejects(none.with("previous", two).with("dely", 1), "did you mean 'delay'?");
        server.close();
        serve(Passes.USUAL, false);
        rejects(none.with("previous", two).with("delay", 1), "cannot continue a chunk");
    }

    private void rejects(Fields rtc, String said) {
        try (var client = connect()) {
            assertThatThrownBy(() -> client.ask(question(1).with("rtc", rtc)))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining(said);
        }
    }

    @Test
    void aNameThatNobodyReadsIsAnsweredWithTheNearest() {
        try (var client = connect()) {
            var misspelt = question(1).with("observation/wrist_imgae", 1);
            assertThatThrownBy(() -> client.ask(misspelt))
                    .hasMessageContaining("nobody reads 'observation/wrist_imgae'")
                    .hasMessageContaining("did you mean 'observation/wrist_image'?");
        }
    }

    @Test
    void aCallerWhoVanishesWithoutItsAnswerFreesItsPlace() throws Exception {
        policy.stop();
        try (var http = HttpClient.newHttpClient()) {
            var socket =
                    http.newWebSocketBuilder()
                            .buildAsync(URI.create(server.address()), new WebSocket.Listener() {})
                            .join();
            socket.sendBinary(ByteBuffer.wrap(MsgPack.write(question(1))), true).join();
            until(() -> policy.passes.size() == 1);
            socket.abort();
        }
        policy.go();
        for (int left = 500; metrics().contains("orrery_sessions 1") && left > 0; left--) {
            Thread.sleep(10);
        }
        assertThat(metrics()).contains("orrery_sessions 0");
        try (var client = connect()) {
            assertThat(client.ask(question(2)).has("actions")).isTrue();
        }
    }

    @Test
    void aServerThatEndsAnswersWhatWasAskedThenSaysGoodbye() throws Exception {
        var client = connect();
        var idle = connect();
        policy.stop();
        var asked = ask(client, question(1));
        until(() -> policy.passes.size() == 1);
        var ending = Thread.ofVirtual().start(server::close);
        until(() -> health() == 503);
        assertThatThrownBy(() -> idle.ask(question(2)))
                .isInstanceOf(RefusedException.class)
                .extracting(e -> ((RefusedException) e).reason())
                .isEqualTo(Reason.SHUTTING_DOWN);
        assertThatThrownBy(this::connect).hasMessageContaining("1001");
        policy.go();
        assertThat(asked.join().has("actions")).isTrue();
        assertThatThrownBy(() -> client.ask(question(1))).isInstanceOf(RuntimeException.class);
        ending.join();
        assertThat(policy.closed.await(5, TimeUnit.SECONDS)).as("the policy is freed").isTrue();
        idle.close();
        client.close();
    }

    private int health() {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:%d/healthz".formatted(server.port()));
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                    .statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
