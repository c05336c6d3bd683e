/// Runs: everything around the mathematics of a system.
///
/// - A [Recipe] turns a configuration into a trained and measured model. It names its presets; the
///   command line adds `--preset`, `--config` and `--set` through [ConfigBinder].
/// - [Limits] refuse numbers that no run can use, a [Need] what a machine cannot hold.
/// - A [Run] is one execution in one folder: the resolved `config.json`, `metrics.jsonl`, a
///   TensorBoard event file, `checkpoints/`, `episodes/` and the final `report.json`. It hands out
///   seeds, logs numbers, saves, resumes and stops.
/// - A [Report] is what a run ends with: named numbers.
/// - A [Claim] is what a system must show: [Trial]s with arms, seeds, a metric and a threshold
///   fixed before any result is seen. [ClaimRun] measures them; [ClaimPage] writes them down.
///
/// A run folder:
///
/// ```
/// config.json          system, preset, seed, version, commit, machine and the resolved config
/// metrics.jsonl        one line a logged step: {"step": 3, "time": 1.52, "loss": 0.71}
/// events.out.tfevents… the same numbers for TensorBoard
/// checkpoints/         step-00000500.safetensors; the newest one is where --resume goes on
/// episodes/            a LeRobot data set of its evaluation's episodes, on the tabletop
/// report.json          the numbers at the end
/// lock                 held while a process works here
/// ```
///
/// Nothing here prints: progress goes to a [Progress] that the application supplies.
@org.jspecify.annotations.NullMarked
package dev.orrery.run;
