package dev.orrery.lm;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.tensor.Tensor;
import java.util.Map;

/// Runs fixtures of a family of models that can be adapted: opening a model and one pass of it are
/// apart, so that the pass can be compared with an adapter on the model too.
public interface Backbone extends FixtureModel {

    /// Whether a fixture is of one of these models, by its class and configuration, whatever is
    /// tested of it.
    boolean isOf(Fixture fixture);

    /// Opens a fixture's model, and tells what a pass of it on the fixture's inputs gives.
    ComparedPass open(Fixture fixture);

    @Override
    default boolean runs(Fixture fixture) {
        return fixture.kind().equals("model") && isOf(fixture);
    }

    @Override
    default Map<String, Tensor> run(Fixture fixture) {
        var pass = open(fixture);
        var found = pass.results().get();
        pass.differentiate(found);
        return found;
    }
}
