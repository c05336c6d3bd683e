/// Optimizers, schedules of their learning rate, averages of weights, and limits on gradients.
///
/// ```java
/// var schedule = Schedule.warmupCosine(1e-3, 1e-4, 100, 1500);
/// var optimizer = AdamW.grouped(
///         ParameterGroup.decayMatrices(model.namedParameters()), AdamW.Settings.of(1e-3));
/// var ema = new Ema(model.namedParameters(), 0.999);
/// for (int step = 0; step < 1500; step++) {
///     try (var _ = TensorScope.open()) {
///         optimizer.learningRate(schedule.at(step));
///         optimizer.minimise(model.loss(batch(step)), GradientClip.norm(1));
///         ema.update();
///     }
/// }
/// ```
///
/// What an optimizer or an average remembers goes in and out as named tensors, so a run that is
/// stopped and continued takes the same steps to the bit.
@org.jspecify.annotations.NullMarked
package dev.orrery.optim;
