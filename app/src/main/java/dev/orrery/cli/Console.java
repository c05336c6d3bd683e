package dev.orrery.cli;

import dev.orrery.run.ConfigBinder;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What every verb shares: the `--json` option and where results go.
final class Console {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /// Whether results are for a machine.
    boolean json() {
        return json;
    }

    /// Prints a result: `value` as JSON if that is asked for, else the text.
    void result(Object value, String text) {
        print(json ? ConfigBinder.json(value) : text);
    }

    /// Prints one line of the result.
    void print(String line) {
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    /// Says on standard error what is going on, or asks for the next line.
    void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    /// Says something on standard error that does not change the result.
    void warn(String line) {
        spec.commandLine().getErr().println("orrery: " + line);
        spec.commandLine().getErr().flush();
    }

    /// Lays rows out in columns; the first row is the head.
    static String table(List<List<String>> rows) {
        var widths = new ArrayList<Integer>();
        for (var row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = row.get(i).length();
                if (i == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(i, Math.max(widths.get(i), width));
                }
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i)).repeat(" ", widths.get(i) - row.get(i).length() + 2);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString().stripTrailing();
    }
}
