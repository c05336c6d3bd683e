package dev.orrery.cli;

import dev.orrery.env.Film;
import dev.orrery.serve.Jitter;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/// How late the actions of a control loop were, as bars that double in width.
final class JitterFigure {

    private static final int WIDTH = 720, HEIGHT = 420;

    private JitterFigure() {}

    /// Draws a PNG; its folder is made if it is not there.
    static void write(Jitter jitter, double hertz, Path file) throws IOException {
        var folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Film.png(file, BitmapEncoder.getBufferedImage(chart(jitter, hertz)));
    }

    private static CategoryChart chart(Jitter jitter, double hertz) {
        var chart =
                new CategoryChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(
                                "%d ticks at %.0f Hz: median %.2f ms late, 95 %% %.2f, worst %.2f"
                                        .formatted(
                                                jitter.late().length,
                                                hertz,
                                                jitter.quantile(.5),
                                                jitter.quantile(.95),
                                                jitter.quantile(1)))
                        .xAxisTitle("ms after the tick, up to")
                        .yAxisTitle("ticks")
                        .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setAvailableSpaceFill(.96);
        var names = new ArrayList<String>();
        List<Integer> ticks = new ArrayList<>();
        for (var bar : jitter.bars()) {
            names.add(Double.isInfinite(bar.to()) ? "more" : "%.1f".formatted(bar.to()));
            ticks.add(bar.ticks());
        }
        chart.addSeries("late", names, ticks);
        return chart;
    }
}
