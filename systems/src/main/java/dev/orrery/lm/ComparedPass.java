package dev.orrery.lm;

import dev.orrery.tensor.Tensor;
import java.util.Map;
import java.util.function.Supplier;

/// A model on the inputs of its fixture.
///
/// @param compared the model
/// @param output the name of its main output
/// @param results a new pass: outputs and intermediates by the names of the fixture, and `loss` if
///   the inputs say what to compare outputs with
public record ComparedPass(
        ComparedModel<?> compared, String output, Supplier<Map<String, Tensor>> results) {

    /// Puts the gradients of its loss, if there is one, into the results of a pass.
    public void differentiate(Map<String, Tensor> found) {
        var loss = found.get("loss");
        if (loss != null) compared.differentiate(loss, found);
    }
}
