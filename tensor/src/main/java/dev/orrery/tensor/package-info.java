/// Tensors over libtorch, without any type of the binding in sight.
///
/// - [dev.orrery.tensor.Tensor]: the array; its methods come from
///   [Arithmetic][dev.orrery.tensor.Arithmetic], [Pointwise][dev.orrery.tensor.Pointwise],
///   [Comparison][dev.orrery.tensor.Comparison], [Reduction][dev.orrery.tensor.Reduction],
///   [Shaping][dev.orrery.tensor.Shaping], [Indexing][dev.orrery.tensor.Indexing],
///   [LinearAlgebra][dev.orrery.tensor.LinearAlgebra], [Gradients][dev.orrery.tensor.Gradients] and
///   [Reading][dev.orrery.tensor.Reading]; axes move by name with `rearrange`
/// - [dev.orrery.tensor.Functional]: what layers are made of
/// - [dev.orrery.tensor.Dispatcher]: every other operator that libtorch has, by name
/// - [dev.orrery.tensor.Grad], [dev.orrery.tensor.Autocast]: how the thread records and rounds
/// - [dev.orrery.tensor.Seed]: random numbers, the same on every machine
/// - [dev.orrery.tensor.TensorScope], [dev.orrery.tensor.Trace]: who frees what, and who forgot
/// - [dev.orrery.tensor.Engine], [dev.orrery.tensor.EngineReport], [dev.orrery.tensor.SelfCheck]:
///   the start, what it chose, whether it works
///
/// ## Lifetimes
///
/// A step opens a [dev.orrery.tensor.TensorScope]; what is made inside is freed with it, except
/// what was kept. Modules release their parameters from all scopes. A tensor that no scope owns
/// belongs to whoever made it: it is freed by `close()`, or some time after it has become garbage.
/// Using a closed tensor throws [IllegalStateException] and never harms the JVM; with
/// `-Dorrery.tensor.trace=true` the error names the place that made the tensor.
///
/// ## Threads
///
/// 1. A scope belongs to the thread that opened it, and so does all it owns: another thread that
///    uses such a tensor gets an [IllegalStateException].
/// 2. A tensor that no scope owns may be read by any number of threads at once. Closing it then is
///    safe too: the others get an [IllegalStateException] from their next use on, and the memory is
///    freed once the tensor is garbage.
/// 3. Changing a tensor in place, and its gradient, is for one thread at a time; the caller sees to
///    that.
/// 4. [dev.orrery.tensor.Grad] and [dev.orrery.tensor.Autocast] concern the calling thread only;
///    [dev.orrery.tensor.Engine#threads(int)] concerns the process.
@NullMarked
package dev.orrery.tensor;

import org.jspecify.annotations.NullMarked;
