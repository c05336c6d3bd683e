/// Diffusion transformers: [DitBlock], shared by every generator that denoises tokens under a
/// condition, and [Sit], the class-conditional image model made of them.
@org.jspecify.annotations.NullMarked
package dev.orrery.flow.dit;
