package dev.orrery.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a run is: the content of its `config.json`, enough to run it again.
///
/// @param system the system's name
/// @param preset the preset that the configuration started from
/// @param seed the seed that everything random is derived from
/// @param started when, as an ISO instant
/// @param machine where, and with which code
/// @param config the resolved configuration as JSON
public record RunInfo(
        String system, String preset, long seed, String started, Machine machine, JsonNode config) {

    /// The name of the file in the run folder.
    public static final String FILE = "config.json";

    /// Describes a run that begins now, on this machine.
    public static RunInfo now(String system, String preset, long seed, Record config) {
        return new RunInfo(
                system,
                preset,
                seed,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.current(),
                ConfigBinder.asRead(config));
    }

    /// Reads the description of a run folder.
    ///
    /// @throws RunException if the folder holds no run
    public static RunInfo read(Path folder) {
        var file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new RunException("%s holds no run: there is no %s in it".formatted(folder, FILE));
        }
        var content = ConfigBinder.readObject(file);
        try {
            return ConfigBinder.bind(content, RunInfo.class);
        } catch (IllegalArgumentException e) {
            throw new RunException(
                    "%s was damaged or edited: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// A part of a run's configuration, such as its `evaluation`.
    ///
    /// @param like what keys are taken from that there were not yet when the run began
    /// @throws RunException if the folder holds no run, or one whose configuration has no such part
    public static <T extends Record> T part(Path folder, String name, T like) {
        var part = read(folder).config().path(name);
        if (!part.isObject()) {
            throw new RunException(
                    "%s: the run's configuration in %s has no '%s'; it is of another system, or of a measurement that kept none"
                            .formatted(folder, FILE, name));
        }
        return ConfigBinder.laid((ObjectNode) part, like, folder.resolve(FILE));
    }

    void write(Path folder) throws IOException {
        ConfigBinder.write(folder.resolve(FILE), this);
    }
}
