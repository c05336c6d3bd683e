package dev.orrery.run;

import dev.orrery.env.Film;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;

/// The picture of a trial: a curve an arm where its metric is measured at several `x` (`metric@x`),
/// else a bar an arm; whiskers are one standard deviation over the seeds.
final class Figure {

    private static final int WIDTH = 720, HEIGHT = 420;

    private Figure() {}

    static void draw(TrialResult result, Path file) throws IOException {
        var chart = isCurve(result) ? curves(result) : bars(result);
        Film.png(file, BitmapEncoder.getBufferedImage(chart));
    }

    private static boolean isCurve(TrialResult result) {
        return result.results().measurements().stream()
                .flatMap(m -> m.report().metrics().keySet().stream())
                .anyMatch(name -> name.startsWith(result.metric() + "@"));
    }

    private static CategoryChart bars(TrialResult result) {
        var chart =
                new CategoryChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(result.id() + ": " + result.metric())
                        .yAxisTitle(result.metric())
                        .build();
        style(chart);
        chart.getStyler().setLegendVisible(false);
        var means = new ArrayList<Double>();
        var spread = new ArrayList<Double>();
        for (var arm : result.arms()) {
            means.add(result.results().mean(arm, result.metric()));
            spread.add(result.results().deviation(arm, result.metric()));
        }
        chart.addSeries(result.metric(), result.arms(), means, spread);
        return chart;
    }

    private static XYChart curves(TrialResult result) {
        var chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(result.id() + ": " + result.metric())
                        .yAxisTitle(result.metric())
                        .build();
        style(chart);
        var prefix = result.metric() + "@";
        for (var arm : result.arms()) {
            var means = new TreeMap<Double, Double>();
            var spread = new TreeMap<Double, Double>();
            for (var name : names(result, arm, prefix)) {
                double x = Double.parseDouble(name.substring(prefix.length()));
                means.put(x, result.results().mean(arm, name));
                spread.put(x, result.results().deviation(arm, name));
            }
            chart.addSeries(
                    arm,
                    List.copyOf(means.keySet()),
                    List.copyOf(means.values()),
                    List.copyOf(spread.values()));
        }
        return chart;
    }

    private static List<String> names(TrialResult result, String arm, String prefix) {
        return result.results().metrics(arm).stream()
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    private static void style(Chart<?, ?> chart) {
        Styler styler = chart.getStyler();
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setLegendPosition(Styler.LegendPosition.OutsideS);
        styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    }
}
