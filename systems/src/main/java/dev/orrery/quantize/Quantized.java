package dev.orrery.quantize;

import dev.orrery.tensor.Tensor;

/// Vectors and the codes that they became.
///
/// @param ids I64, one for each vector, `(...)`
/// @param embedding the codes, `(..., D)`; their gradient goes to the vectors
/// @param loss what draws codes and vectors together, without axes
/// @param latents the vectors as they were compared with the codes, `(..., D)`, without gradient
public record Quantized(Tensor ids, Tensor embedding, Tensor loss, Tensor latents) {}
