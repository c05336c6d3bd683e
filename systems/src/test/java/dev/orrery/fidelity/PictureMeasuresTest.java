package dev.orrery.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureMeasuresTest {

    private static Image plain(int side, int value) {
        var rgb = new byte[side * side * 3];
        Arrays.fill(rgb, (byte) value);
        return new Image(side, side, rgb);
    }

    private static Image noise(int side, long seed) {
        var dice = new Dice(seed);
        var rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) dice.nextInt(256);
        }
        return new Image(side, side, rgb);
    }

    @Test
    void psnrOfADifferenceOf16Is24Decibels() {
        assertThat(Psnr.of(plain(4, 100), plain(4, 116))).isCloseTo(24.0485, within(1e-4));
        assertThat(Psnr.of(plain(4, 240), plain(4, 224))).isCloseTo(24.0485, within(1e-4));
        assertThat(Psnr.of(plain(4, 0), plain(4, 255))).isZero();
        assertThat(Psnr.of(plain(4, 7), plain(4, 7))).isEqualTo(Psnr.MOST);
    }

    @Test
    void psnrOfClipsGoesFrameByFrame() {
        var a = Clip.of(List.of(plain(4, 100), plain(4, 100)));
        var b = Clip.of(List.of(plain(4, 100), plain(4, 116)));
        assertThat(Psnr.each(a, b)[0]).isEqualTo(Psnr.MOST);
        assertThat(Psnr.each(a, b)[1]).isCloseTo(24.0485, within(1e-4));
        assertThat(Psnr.of(a, 0, b, 1)).isEqualTo(Psnr.of(a, 1, b, 1));
        assertThatThrownBy(() -> Psnr.each(a, a.slice(0, 1)))
                .hasMessageContaining("got 2 and 1 frames");
        assertThatThrownBy(() -> Psnr.of(plain(4, 0), plain(5, 0)))
                .hasMessageContaining("4 x 4 and 5 x 5");
    }

    @Test
    void ssimOfPlainPicturesComparesTheirBrightness() {
        double expected = (2 * 100 * 120 + 6.5025) / (100 * 100 + 120 * 120 + 6.5025);
        assertThat(Ssim.of(plain(16, 100), plain(16, 120))).isCloseTo(expected, within(1e-9));
        assertThat(Ssim.of(noise(16, 1), noise(16, 1))).isCloseTo(1, within(1e-9));
    }

    /// One window; the centre weighs 0.0707622, so that the mean is 107.0762, the variance 657.549
    /// and the covariance 0.
    @Test
    void ssimOfOneBrightPixelIsWhatOneComputesByHand() {
        var dot = plain(11, 100);
        Arrays.fill(dot.rgb(), 3 * 60, 3 * 61, (byte) 200);
        assertThat(Ssim.of(plain(11, 100), dot)).isCloseTo(0.0815365, within(1e-5));
    }

    @Test
    void ssimFollowsTheDefinitionWindowByWindow() {
        Image a = noise(13, 2), b = noise(13, 3);
        for (int i = 0; i < b.rgb().length; i++) {
            b.rgb()[i] = (byte) (((a.rgb()[i] & 0xff) + (b.rgb()[i] & 0xff)) / 2);
        }
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            for (int top = 0; top < 3; top++) {
                for (int left = 0; left < 3; left++) {
                    sum += window(a, b, top, left, c) / 27;
                }
            }
        }
        assertThat(Ssim.of(a, b)).isCloseTo(sum, within(1e-9)).isBetween(0.3, 0.95);
        assertThatThrownBy(() -> Ssim.of(plain(10, 0), plain(10, 0)))
                .hasMessageContaining("at least 11 x 11, got 10 x 10");
    }

    private static double window(Image a, Image b, int top, int left, int channel) {
        double all = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < 11; i++) {
            for (int j = 0; j < 11; j++) {
                double w = Math.exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / 4.5);
                double p = a.at(top + i, left + j, channel), q = b.at(top + i, left + j, channel);
                all += w;
                x += w * p;
                y += w * q;
                xx += w * p * p;
                yy += w * q * q;
                xy += w * p * q;
            }
        }
        x /= all;
        y /= all;
        double vx = xx / all - x * x, vy = yy / all - y * y, cov = xy / all - x * y;
        return (2 * x * y + 6.5025)
                / (x * x + y * y + 6.5025)
                * (2 * cov + 58.5225)
                / (vx + vy + 58.5225);
    }

    @Test
    void shrinkingTakesMeans() {
        var clip = new Clip(1, 2, 2, new byte[] {10, 0, 0, 20, 0, 0, 30, 0, 0, 44, 0, (byte) 255});
        assertThat(clip.resized(1, 1).rgb()).containsExactly(26, 0, 64);
        assertThat(clip.resized(2, 2)).isSameAs(clip);
    }

    @Test
    void anIntervalHoldsTheTrueMeanInNineteenOfTwentySamples() {
        int inside = 0;
        for (int sample = 0; sample < 100; sample++) {
            var dice = Dice.of(sample, 9);
            var values = new double[60];
            for (int i = 0; i < values.length; i++) {
                values[i] = 3 + 2 * dice.nextGaussian();
            }
            var estimate = Estimate.of(values, sample);
            inside += estimate.low() <= 3 && 3 <= estimate.high() ? 1 : 0;
        }
        assertThat(inside).as("of 100").isBetween(88, 99);
        var once = Estimate.of(new double[] {1, 2, 4}, 5);
        assertThat(once).isEqualTo(Estimate.of(new double[] {1, 2, 4}, 5));
        assertThat(once.mean()).isCloseTo(7 / 3.0, within(1e-12));
        assertThatThrownBy(() -> Estimate.of(new double[] {1, Double.NaN}, 5))
                .hasMessageContaining("value NaN");
    }
}
