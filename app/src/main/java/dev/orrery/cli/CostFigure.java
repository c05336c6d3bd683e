package dev.orrery.cli;

import dev.orrery.bench.SpaceTimeBench;
import dev.orrery.env.Film;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/// What attention costs as clips grow longer, with both axes logarithmic.
final class CostFigure {

    private static final int WIDTH = 720, HEIGHT = 480;

    private CostFigure() {}

    /// Draws a PNG.
    static void write(SpaceTimeBench.Cost cost, Path file) throws IOException {
        var chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title("One block forward, 64 tokens a frame, 128 channels")
                        .xAxisTitle("frames")
                        .yAxisTitle("ms")
                        .build();
        var style = chart.getStyler();
        style.setChartBackgroundColor(Color.WHITE);
        style.setLegendPosition(Styler.LegendPosition.OutsideS);
        style.setLegendLayout(Styler.LegendLayout.Horizontal);
        style.setXAxisLogarithmic(true);
        style.setYAxisLogarithmic(true);
        add(chart, "space and time apart", cost.apart());
        add(chart, "everything at once", cost.whole());
        Film.png(file, BitmapEncoder.getBufferedImage(chart));
    }

    private static void add(XYChart chart, String name, SequencedMap<Integer, Double> cost) {
        chart.addSeries(name, List.copyOf(cost.keySet()), List.copyOf(cost.values()));
    }
}
