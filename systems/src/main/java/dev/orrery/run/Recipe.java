package dev.orrery.run;

import java.util.List;
import java.util.SequencedMap;

/// From a configuration to a trained and measured model: the train loop of one system.
///
/// A recipe is stateless; everything that differs between two executions is in the configuration
/// and the [Run]. What a system can do beyond training is said by the interfaces nested here.
///
/// @param <C> the configuration, a record of records, numbers, texts, enums and lists
public interface Recipe<C extends Record> {

    /// The system's kebab name, as on the command line: `flow-matching`.
    String name();

    /// The presets by name, the default first. Usual names: `laptop`, `smoke`, `paper`.
    SequencedMap<String, C> presets();

    /// What a run of a configuration holds in memory whatever happens.
    default List<Need> needs(C config) {
        return List.of();
    }

    /// Trains, measures, and returns the numbers.
    ///
    /// Saves through [Run#save] where it wants to be resumable, and goes on from where [Run#resume]
    /// says.
    ///
    /// @throws RunStopped after a saved stop that the user asked for
    /// @throws NonFiniteException when a logged number is not finite
    Report run(C config, Run run);

    /// A recipe whose trained model can be measured again.
    ///
    /// @param <C> the configuration
    interface Evaluates<C extends Record> extends Recipe<C> {

        /// Measures the model saved in the run's folder.
        Report evaluate(C config, Run run);
    }

    /// A recipe that can tell a wrong set-up from too little training.
    ///
    /// @param <C> the configuration
    interface Diagnoses<C extends Record> extends Recipe<C> {

        /// Checks the model saved in the run's folder on what it was trained with: units, tokens
        /// and pictures, not skill.
        Report diagnose(C config, Run run);
    }

    /// A recipe whose trained model makes something from a prompt.
    ///
    /// @param <C> the configuration
    interface Generates<C extends Record> extends Recipe<C> {

        /// Writes what the saved model makes of `prompt` into the folder `out`.
        ///
        /// @param prompt what to make; empty for systems without a prompt
        Report generate(C config, Run run, String prompt, java.nio.file.Path out);
    }

    /// A recipe that can learn from a folder of data instead of data of its own making.
    ///
    /// @param <C> the configuration
    interface LearnsFromData<C extends Record> extends Recipe<C> {

        /// The key of the configuration that names the folder, such as `data.folder`.
        String dataKey();
    }

    /// A recipe that can be trimmed to the time that there is.
    ///
    /// @param <C> the configuration
    interface FitsTime<C extends Record> extends Recipe<C> {

        /// The configuration with as much training as fits into a time on this machine, as busy as
        /// it is now; the configuration itself if all of it fits. Measures for some seconds.
        ///
        /// @param training how long training may take
        /// @param progress told what is measured and what came of it
        C fit(C config, java.time.Duration training, Progress progress);
    }

    /// A recipe that can say how long its training will take.
    ///
    /// @param <C> the configuration
    interface Foretells<C extends Record> extends Recipe<C> {

        /// About how long the training of a configuration takes on this machine, as busy as it is
        /// now, without making data and measuring. Measures for some seconds.
        ///
        /// @param progress told what is measured
        java.time.Duration foretell(C config, Progress progress);
    }
}
