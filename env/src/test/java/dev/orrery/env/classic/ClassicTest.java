package dev.orrery.env.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.WordEnv;
import org.junit.jupiter.api.Test;

class ClassicTest {

    private static <A> double play(WordEnv<A> env, java.util.function.Supplier<A> rule, long seed) {
        env.begin(seed);
        double total = 0;
        while (!env.terminated() && !env.truncated()) total += env.advance(rule.get());
        return total;
    }

    @Test
    void aRandomPushLetsThePoleFallAfterTwentyStepsOrSo() {
        var env = new CartPole();
        var dice = new Dice(3);
        double sum = 0;
        for (int k = 0; k < 300; k++)
            sum += play(env, () -> CartPole.Push.values()[dice.nextInt(2)], k);
        assertThat(sum / 300).isBetween(19.0, 25.0);
    }

    @Test
    void pushingUnderThePoleHoldsItUpToTheEnd() {
        var env = new CartPole();
        double total =
                play(
                        env,
                        () -> {
                            var s = env.symbols();
                            return s[2] + 0.3 * s[3] + 0.01 * s[0] + 0.03 * s[1] > 0
                                    ? CartPole.Push.RIGHT
                                    : CartPole.Push.LEFT;
                        },
                        5);
        assertThat(total).isEqualTo(200);
        assertThat(env.truncated()).isTrue();
        assertThat(env.terminated()).isFalse();
    }

    @Test
    void followingTheBallCatchesEveryBall() {
        var env = new Catch();
        for (int k = 0; k < 50; k++) {
            double total =
                    play(
                            env,
                            () -> {
                                var s = env.symbols();
                                int ball = 0, paddle = 0;
                                for (int i = 0; i < 64; i++) if (s[i] == 1) ball = i % 8;
                                for (int i = 0; i < 8; i++) if (s[64 + i] == 1) paddle = i;
                                return Catch.Move.values()[Integer.signum(ball - paddle) + 1];
                            },
                            k);
            assertThat(total).isEqualTo(1);
        }
        assertThat(play(new Catch(), () -> Catch.Move.STAY, 0)).isIn(1.0, -1.0);
    }

    @Test
    void aRestoredWorldGoesOnAlikeAndAnEndedOneRefuses() {
        var env = new CartPole();
        env.begin(9);
        env.advance(CartPole.Push.LEFT);
        var twin = new CartPole();
        twin.restore(env.state());
        env.advance(CartPole.Push.RIGHT);
        twin.advance(CartPole.Push.RIGHT);
        assertThat(twin.symbols()).isEqualTo(env.symbols());
        var over = new Catch();
        play(over, () -> Catch.Move.LEFT, 1);
        assertThatThrownBy(() -> over.advance(Catch.Move.LEFT))
                .hasMessageContaining("the episode is over");
    }
}
