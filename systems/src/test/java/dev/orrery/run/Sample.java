package dev.orrery.run;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// A configuration and a recipe to test with.
record Sample(String title, int steps, Sample.Inner inner) {

    enum Colour {
        RED,
        BLUE
    }

    record Inner(int layers, double rate, Colour colour) {
        Inner {
            if (layers < 1) {
                throw new IllegalArgumentException("layers is %d; use 1 or more".formatted(layers));
            }
        }
    }

    static Sample laptop() {
        return new Sample("laptop", 100, new Inner(4, 1e-3, Colour.RED));
    }

    static final class SampleRecipe implements Recipe<Sample> {
        @Override
        public String name() {
            return "sample";
        }

        @Override
        public SequencedMap<String, Sample> presets() {
            var presets = new LinkedHashMap<String, Sample>();
            presets.put("laptop", laptop());
            presets.put("smoke", new Sample("smoke", 3, laptop().inner()));
            return presets;
        }

        @Override
        public Report run(Sample config, Run run) {
            for (int step = 0; step < config.steps(); step++) {
                run.log(step, "loss", 1.0 / (step + 1));
            }
            return Report.of("loss", 1.0 / config.steps());
        }
    }
}
