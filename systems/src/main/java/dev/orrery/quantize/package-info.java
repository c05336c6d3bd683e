/// Turning vectors into codes of a finite codebook and back.
///
/// [VectorQuantizer] learns its codes; [CodeUsage] says which of them are chosen, and
/// [CodebookAlarm] when that has collapsed.
///
/// Vectors are `(..., D)`, ids I64 `(...)`. What changes a quantiser between batches is not in its
/// `forward` but in `endStep`, called once for each step of the optimiser.
@org.jspecify.annotations.NullMarked
package dev.orrery.quantize;
