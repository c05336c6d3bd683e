package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.data.wire.WireClient;
import dev.orrery.env.tabletop.Arm;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.run.ConfigBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TabletopServerTest {

    @TempDir Path folder;
    private WireServer server;

    @BeforeEach
    void start() {
        server =
                WireServer.start(
                        TabletopService.of(
                                Arm.FOUR, Optional.of(folder), TabletopServerTest::write),
                        ServeOptions.local(0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void write(Path file, Object value) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, ConfigBinder.json(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private WireClient connect() {
        return WireClient.connect(URI.create(server.address()));
    }

    private static Fields op(String name) {
        return Fields.empty().with("op", name);
    }

    private static Fields step(float... action) {
        return op("step").with("action", NdArray.of(action, action.length));
    }

    @Test
    void theWireShowsWhatTheTableShows() {
        var table = new Tabletop();
        var seen = table.reset(11);
        var keys = Robot.tabletop().keys();
        try (var client = connect()) {
            var first = client.ask(op("reset").with("seed", 11));
            assertThat(keys.read(first.fields("observation")).images()).isEqualTo(seen.images());
            for (boolean last = false; !last; ) {
                var action = table.expertAction();
                var here = table.step(action);
                var there = client.ask(step(action));
                last = here.last();
                var felt = keys.read(there.fields("observation"));
                assertThat(felt.images()).isEqualTo(here.observation().images());
                assertThat(felt.state()).containsExactly(here.observation().state());
                assertThat(felt.text()).isEqualTo(here.observation().text());
                assertThat(there.number("reward")).isEqualTo(here.reward());
                assertThat(there.flag("terminated")).isEqualTo(here.terminated());
                assertThat(there.flag("truncated")).isEqualTo(here.truncated());
            }
            assertThat(table.success()).isTrue();
        }
    }

    @Test
    void anInstructionSetsTheTask() {
        try (var client = connect()) {
            var words = "put the red star in the tray";
            var reset = client.ask(op("reset").with("seed", 4).with("instruction", words));
            assertThat(reset.fields("info").text("task")).isEqualTo("put-tray red-star");
            assertThat(reset.fields("observation").text("prompt")).isEqualTo(words);
        }
        try (var client = connect()) {
            assertThatThrownBy(() ->
                            client.ask(
                                    op("reset").with("seed", 4).with("instruction", "sing a song")))
                    .hasMessageContaining("IllegalArgumentException");
        }
    }

    @Test
    void anExamHasOneAttemptAnEpisodeAndWhatIsBrokenOffHasFailed() throws IOException {
        try (var client = connect()) {
            int all = Split.L0.starts().size();
            var first = client.ask(op("reset").with("split", "L0"));
            assertThat(first.whole("episode")).isZero();
            assertThat(first.whole("left")).isEqualTo(all - 1);
            var table = new Tabletop();
            table.reset(Split.L0.starts().getFirst());
            for (boolean last = false; !last; ) {
                var action = table.expertAction();
                last = table.step(action).last();
                client.ask(step(action));
            }
            client.ask(op("reset").with("split", "L0").with("episode", 5));
            client.ask(step(0, 0, 0, 0));
            client.ask(op("reset").with("split", "L0"));
            var broken = client.ask(step(Float.NaN, 0, 0, 0));
            assertThat(broken.flag("terminated")).isTrue();
            assertThat(broken.fields("info").text("outcome")).isEqualTo("not finite");
            var report = client.ask(op("report").with("policy", "mine"));
            assertThat(report.whole("successes")).isEqualTo(1);
            assertThat(report.whole("trials")).isEqualTo(3);
            assertThat(report.flag("complete")).isFalse();
            assertThat(report.text("split_sha256")).isEqualTo(Split.L0.hash());
            assertThat(((Items) report.get("families")).values()).isNotEmpty();
            var saved = Path.of(report.text("saved"));
            assertThat(saved.resolve("evaluation.json")).content().contains("\"mine\"");
            assertThat(saved.resolve("evaluation.html")).content().contains("1 of 3");
            assertThatThrownBy(() -> client.ask(op("reset").with("split", "L0").with("episode", 5)))
                    .hasMessageContaining("one attempt each");
        }
    }

    @Test
    void wrongQuestionsAreNamed() {
        assertThatThrownBy(() -> ask(op("jump"))).hasMessageContaining("reset, step, report");
        assertThatThrownBy(() -> ask(op("reset"))).hasMessageContaining("'seed'");
        assertThatThrownBy(() -> ask(op("reset").with("split", "L9")))
                .hasMessageContaining("L0, L1");
        assertThatThrownBy(() -> ask(op("reset").with("seed", 1).with("sede", 2)))
                .hasMessageContaining("nobody reads [sede]");
        assertThatThrownBy(() -> ask(step(1, 2))).hasMessageContaining("step before reset");
        assertThatThrownBy(() -> ask(op("report"))).hasMessageContaining("nothing to report");
        try (var client = connect()) {
            client.ask(op("reset").with("seed", 1));
            assertThatThrownBy(() -> client.ask(step(1, 2)))
                    .hasMessageContaining("2 values, the environment takes 4");
        }
    }

    private void ask(Fields question) {
        try (var client = connect()) {
            client.ask(question);
        }
    }
}
