/// Flow matching: train a velocity by regression along fixed paths from noise to data, then sample
/// by integrating it.
///
/// House time runs from 0 (noise) to 1 (data), and a velocity points from noise to data. Models
/// with the opposite clock say so with [DataAt] and are wrapped once. Tensors are `(B, ...)` with
/// any trailing axes; times are doubles.
///
/// Training:
/// 1. draw noise, couple it with the data ([Coupling]), draw times ([TimeSampler]);
/// 2. [FlowObjective#batch] gives the noisy samples and targets along a [FlowPath];
/// 3. [FlowObjective#loss] compares the network's answer ([Prediction]) over the elements that
///    count ([LossMask]);
/// 4. [LossByTime] and [DataCheck] say whether anything is being learned, and whether it could be.
///
/// Sampling:
/// 1. bind the model to a [VelocityField]; [Guidance] mixes in a null condition;
/// 2. [HardPrefix] holds known leading actions, [SoftPrefix] steers towards the chunk being
///    executed;
/// 3. a [Solver] walks a [StepGrid], or [Diffusion] does so with noise; [DiffusersSchedule] reads
///    the grids of published image models.
///
/// Measuring: [Likelihood], [EnergyDistance], [SlicedWasserstein].
///
/// Sources: arXiv:2210.02747 (flow matching), 2209.03003 (rectified flow), 2302.00482 (minibatch
/// OT), 2401.08740 (SiT), 2506.07339 (real-time chunking). Only each conditional path is an optimal
/// transport map; the learned marginal flow is not, unless the coupling is.
@org.jspecify.annotations.NullMarked
package dev.orrery.flow;
