/// Weights and run checkpoints on disk.
///
/// - [dev.orrery.checkpoint.Safetensors] reads (by memory map, without copying) and writes named
///   tensors in the format in which public weights are exchanged, in one file or in shards.
/// - [dev.orrery.checkpoint.SafetensorsHeader] lists and checks what a file holds without touching
///   the data; every kind of malformed file is refused with one line.
/// - [dev.orrery.checkpoint.Weights] reads those, what `torch.save` wrote and, array by array, the
///   folders that Orbax writes of JAX's parameters.
/// - [dev.orrery.checkpoint.AtomicFile] writes a file so that it is wholly there or not at all.
/// - [dev.orrery.checkpoint.Fixture] reads a folder of reference values and compares results with
///   them row by row; a [dev.orrery.checkpoint.FixtureModel] runs the fixtures of one family:
///
/// ```java
/// var fixture = Fixture.read(folder);
/// var model = models.stream().filter(m -> m.runs(fixture)).findFirst();
/// for (var row : fixture.compare(model.orElseThrow().run(fixture))) print(row);
/// ```
///
/// Every fault of a file is a [dev.orrery.checkpoint.CheckpointException] that names the file, the
/// key and the remedy. Nothing here knows about layers: weights are maps from names to tensors.
@org.jspecify.annotations.NullMarked
package dev.orrery.checkpoint;
