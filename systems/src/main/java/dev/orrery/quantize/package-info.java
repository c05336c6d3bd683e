/// Turning vectors into codes of a finite codebook and back.
///
/// - [VectorQuantizer] learns K codes of D channels, by gradient or as moving averages, and revives
///   those that nothing chooses.
/// - [ResidualQuantizer] codes what is left over again, with several codebooks in turn.
/// - [FiniteScalarQuantizer] rounds each channel to a few levels; nothing to learn.
/// - [LookupFreeQuantizer] takes the sign of each channel; its loss keeps all codes in use.
///
/// [CodeUsage] says which codes are chosen, and [CodebookAlarm] when that has collapsed.
///
/// Vectors are `(..., D)`, ids I64 `(...)`; where one vector has several codes, they are the last
/// axis. What changes a quantiser between batches is not in its `forward` but in `endStep`, called
/// once for each step of the optimiser; so several batches may make up a step, evaluation changes
/// nothing, and checkpoints hold all there is to go on from.
///
/// Checked against vector-quantize-pytorch 1.31.0: ids equal; outputs, losses, gradients and
/// codebooks after each step within 1e-5 + 1e-4 of the value ([QuantizerFixture]).
@org.jspecify.annotations.NullMarked
package dev.orrery.quantize;
