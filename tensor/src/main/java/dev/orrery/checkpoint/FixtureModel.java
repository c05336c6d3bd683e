package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import java.util.Map;

/// Runs fixtures of one family of models, so that [Fixture#compare] can prove an implementation.
public interface FixtureModel {

    /// The family, for people.
    String name();

    /// Whether this fixture is of the family, judged by its kind, class, type and configuration.
    boolean runs(Fixture fixture);

    /// Builds the model from the fixture's configuration and weights, runs it on the inputs, and
    /// returns results, intermediates and gradients under the names that the fixture expects.
    Map<String, Tensor> run(Fixture fixture);
}
