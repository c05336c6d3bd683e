/// The command line: `orrery verb system [options]`, one class a verb.
///
/// [Main] lists the verbs; adding one is a class with picocli's `@Command` and one line there. A
/// verb returns its exit code: 0 done, 1 a threshold was missed, 2 wrong usage, 3 failure. Results
/// go to standard output (`--json` for machines), progress and errors to standard error. Verbs
/// throw; [Main] turns what they throw into one line and an exit code: `IllegalArgumentException`
/// is wrong usage, everything else a failure; `--debug` adds the stack trace. Only this package
/// touches the standard streams.
@org.jspecify.annotations.NullMarked
package dev.orrery.cli;
