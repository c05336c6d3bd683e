package dev.orrery.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// The desktop that the command line may have been started on.
final class Desktop {

    private Desktop() {}

    /// Asks the desktop to show a page; where there is none, the printed address has to do.
    static void open(String address) {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var command =
                os.contains("mac")
                        ? List.of("open", address)
                        : os.contains("win")
                                ? List.of("cmd", "/c", "start", "", address)
                                : List.of("xdg-open", address);
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException _) {
            // No desktop: the address was printed.
        }
    }
}
