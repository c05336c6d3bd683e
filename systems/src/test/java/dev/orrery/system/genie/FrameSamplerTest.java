package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.N;
import static dev.orrery.system.genie.TinyGenie.T;
import static dev.orrery.system.genie.TinyGenie.distance;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.ids;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.system.genie.GenieConfig.Injection;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameSamplerTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void stepsKeepMoreAndMoreAndAtLastAll() {
        assertThat(
                        java.util.stream.IntStream.range(0, 4)
                                .map(step -> MaskGitSampler.kept(64, step, 4)))
                .containsExactly(5, 19, 40, 64);
        assertThat(MaskGitSampler.kept(64, 0, 1)).isEqualTo(64);
        assertThat(MaskGitSampler.kept(2, 0, 25)).isEqualTo(1);
    }

    @Test
    void keptIdsStayAndHiddenOnesAreDrawnAgain() {
        for (var order : Order.values()) {
            var seen = new java.util.ArrayList<Tensor>();
            var sampler = new MaskGitSampler(5, 1, order);
            var sampled =
                    sampler.sample(
                            (ids, hidden) -> {
                                var known = ids.maskedFill(hidden, -1.0);
                                seen.add(TensorScope.release(Tensor.of(known.toLongs(), 2, 16)));
                                return Seed.of(seen.size()).normal(2, 16, 7).mul(3);
                            },
                            2,
                            16,
                            Seed.of(3));
            assertThat(seen).hasSize(5);
            for (int s = 1; s < 5; s++) {
                var known = seen.get(s).ge(0L);
                assertThat(known.to(DType.I64).sum().item())
                        .isEqualTo(2.0 * MaskGitSampler.kept(16, s - 1, 5));
                assertThat(Tensor.where(known, seen.get(s), sampled).equal(sampled)).isTrue();
            }
            assertThat(sampled.min().item()).isNotNegative();
            assertThat(sampled.max().item()).isLessThan(7);
        }
    }

    @Test
    void greedyKeepsTheSurest() {
        var logits = Tensor.zeros(1, 4, 2);
        logits.select(1, 2).select(1, 1).fill_(20);
        var first = new java.util.ArrayList<boolean[]>();
        new MaskGitSampler(4, 1, Order.GREEDY)
                .sample(
                        (_, hidden) -> {
                            first.add(hidden.toBooleans());
                            return logits;
                        },
                        1,
                        4,
                        Seed.of(2));
        assertThat(first.get(1)).containsExactly(true, true, false, true);
    }

    @Test
    void temperatureDividesLogits() {
        var logits = Tensor.of(new float[] {0, 1, 2}, 1, 1, 3).expand(1, 4000, 3);
        for (double temperature : new double[] {0.5, 1, 2}) {
            var ids =
                    new MaskGitSampler(1, temperature, Order.GREEDY)
                            .sample((_, _) -> logits, 1, 4000, Seed.of(4));
            double share = ids.eq(2L).to(DType.F32).mean().item();
            double expected = 1 / (1 + Math.exp(-1 / temperature) + Math.exp(-2 / temperature));
            assertThat(share).isBetween(expected - 0.03, expected + 0.03);
        }
        assertThatThrownBy(() -> new MaskGitSampler(1, 0, Order.GREEDY))
                .hasMessageContaining("temperature 0.0");
    }

    @Test
    void logitsThatAreNotFiniteAreRefused() {
        assertThatThrownBy(() ->
                        new MaskGitSampler(1, 1, Order.GREEDY)
                                .sample(
                                        (_, _) -> Tensor.full(Double.NaN, 1, 4, 3),
                                        1,
                                        4,
                                        Seed.of(1)))
                .hasMessageContaining("logits are not finite");
    }

    @Test
    void windowsThatSlideSampleAsTheWholeModelDoes() {
        for (var injection : Injection.values()) {
            slides(tiny().with(tiny().dynamics().with(injection)), 1);
        }
    }

    @Test
    void longWindowsLetGoOfAQuarterAtATime() {
        var data = tiny().data();
        slides(
                tiny().with(
                                new GenieConfig.Data(
                                        "",
                                        data.frames(),
                                        2 * T,
                                        data.height(),
                                        data.width(),
                                        data.fit(),
                                        data.runner(),
                                        data.heldOut())),
                2);
    }

    private static void slides(GenieConfig config, int dropped) {
        int context = config.data().context();
        var genie = genie(config);
        var sampler = new MaskGitSampler(3, 1, Order.GREEDY);
        try (var frames = new FrameSampler(genie)) {
            frames.begin(ids(3).narrow(1, 0, 2), Tensor.zeros(DType.I64, 2, 1));
            var window = new java.util.ArrayList<>(ids(3).narrow(1, 0, 2).unbind(1));
            var led = new java.util.ArrayList<>(List.of(0L));
            for (int t = 0; t < 2 * context; t++) {
                long code = t % 3;
                var picture = frames.next(Tensor.full(code, DType.I64, 2), sampler, Seed.of(t));
                if (window.size() == context) {
                    window.subList(0, dropped).clear();
                    led.subList(0, dropped).clear();
                }
                led.add(code);
                var past = List.copyOf(window);
                var sampled =
                        sampler.sample(
                                (known, hidden) -> whole(genie, past, known, hidden, led),
                                2,
                                N,
                                Seed.of(t));
                assertThat(frames.ids()).as("frame %d", t).isEqualTo(sampled.toLongs());
                window.add(sampled);
                var decoded = genie.tokenizer().decode(Tensor.stack(window, 1));
                assertThat(distance(picture, decoded.select(1, window.size() - 1)))
                        .isLessThan(1e-4);
            }
        }
    }

    /// Logits of a frame by the whole model, without a cache.
    private static Tensor whole(
            Genie genie, List<Tensor> past, Tensor known, Tensor hidden, List<Long> led) {
        var all = new java.util.ArrayList<>(past);
        all.add(known);
        var seen = Tensor.zeros(DType.BOOL, 2, past.size(), N);
        var codes = Tensor.of(led.stream().mapToLong(Long::longValue).toArray(), 1, led.size());
        var logits =
                genie.dynamics()
                        .forward(
                                Tensor.stack(all, 1),
                                Tensor.cat(List.of(seen, hidden.unsqueeze(1)), 1),
                                genie.actions(codes.expand(2, led.size())));
        return logits.select(1, past.size());
    }
}
