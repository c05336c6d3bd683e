package dev.orrery.system.pi0;

import dev.orrery.adapter.Adapter;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.policy.finetune.AdapterFolder;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.Fingerprint;
import dev.orrery.run.ConfigBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// An adapter of a published policy as a folder: PEFT's two files, `norm_stats.json` (as openpi
/// writes it) and `orrery_policy.json`, which says of what checkpoint it is and how the adapted
/// policy is talked to.
public final class Pi0AdapterFolder {

    private static final String NORMS = "norm_stats.json";

    private Pi0AdapterFolder() {}

    /// @param base the folder that was adapted
    /// @param fingerprint what that held
    /// @param cameras `INPUT=CAMERA`
    /// @param relative runs of relative actions; the base's own if empty
    private record Settings(
            String base,
            String fingerprint,
            List<String> cameras,
            List<Integer> relative,
            Norms.Rule stateRule,
            Norms.Rule actionRule,
            double epsilon) {}

    static void write(
            Path folder, Adapter adapter, FinetuneConfig config, CameraMap cameras, Norms norms) {
        var base = Path.of(config.checkpoint());
        adapter.save(folder, base.toString());
        var settings =
                new Settings(
                        base.toString(),
                        Fingerprint.of(base),
                        cameras.sources().entrySet().stream()
                                .map(e -> e.getKey() + "=" + e.getValue())
                                .sorted()
                                .toList(),
                        config.relative(),
                        norms.stateRule(),
                        norms.actionRule(),
                        norms.epsilon());
        try {
            NormFiles.writeOpenpi(norms, folder.resolve(NORMS));
            Files.writeString(
                    folder.resolve(AdapterFolder.SETTINGS), ConfigBinder.json(settings) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How an adapted policy is talked to.
    private record Terms(Norms norms, Optional<DeltaActions> relative, CameraMap cameras) {}

    private static Terms terms(Path base, Path folder) {
        var file = AdapterFolder.settings(folder);
        var settings = ConfigBinder.read(file, Settings.class);
        AdapterFolder.requireBase(base, settings.fingerprint(), settings.base());
        var norms =
                NormFiles.readOpenpi(
                        folder.resolve(NORMS),
                        settings.stateRule(),
                        settings.actionRule(),
                        settings.epsilon());
        var runs = settings.relative().stream().mapToInt(r -> r).toArray();
        var relative =
                runs.length == 0
                        ? Optional.<DeltaActions>empty()
                        : Optional.of(DeltaActions.of(runs));
        return new Terms(norms, relative, cameras(base, settings));
    }

    /// The adapted policy.
    ///
    /// @param base the checkpoint's folder
    /// @param folder the adapter's
    /// @param flowSteps Euler steps of a chunk
    /// @throws CheckpointException if the base is another one, or something is missing
    public static Pi0Policy policy(Path base, Path folder, int flowSteps) {
        var terms = terms(base, folder);
        var manner = manner(base, terms.norms, terms.relative);
        var pi0 = weights(base);
        try {
            Adapter.open(pi0, folder);
            return new Pi0Checkpoint(
                            pi0,
                            ActionHead.FLOW,
                            Pi0.Visibility.BLOCKWISE,
                            terms.norms,
                            manner,
                            Optional.empty())
                    .policy(terms.cameras, flowSteps);
        } catch (RuntimeException e) {
            pi0.close();
            throw e;
        }
    }

    /// As [#policy], of a π0-FAST.
    public static Pi0FastPolicy fastPolicy(Path base, Path folder) {
        var terms = terms(base, folder);
        var network = Pi0Fast.open(base, Pi0FastPolicy.config(base));
        try {
            Adapter.open(new Pi0FastTree(network.model()), folder);
            return Pi0FastPolicy.of(base, network, terms.cameras, terms.norms, terms.relative);
        } catch (RuntimeException e) {
            network.model().close();
            throw e;
        }
    }

    private static CameraMap cameras(Path base, Settings settings) {
        var sources = new LinkedHashMap<String, String>();
        for (var pair : settings.cameras()) {
            int at = pair.indexOf('=');
            sources.put(pair.substring(0, at), pair.substring(at + 1));
        }
        return new CameraMap(Pi0Published.cameras(base), sources);
    }

    /// How a checkpoint is talked to.
    static Pi0Manner manner(Path base, Norms norms, Optional<DeltaActions> relative) {
        var json = Pi0Published.config(base);
        if (Pi0Published.type(json).equals(Pi0Checkpoint.TYPE)) {
            var own = Pi0Checkpoint.manner(base, json);
            return new Pi0Manner(
                    own.cameras(), own.tokenizer(), own.toldState(), relative.or(own::relative));
        }
        var choice = new Pi0Published.Choice(Optional.empty(), relative);
        return Pi0Published.manner(base, json, norms, choice);
    }

    /// Whether a folder may hold a π0, π0.5 or π0-FAST; exports may have no `config.json`.
    static boolean canBe(Path folder) {
        var json = Pi0Published.config(folder);
        return Pi0Published.type(json).isEmpty()
                ? !json.has("model_type")
                : Pi0Published.is(json) || Pi0FastPolicy.is(json);
    }

    /// The network of a checkpoint, which must be one whose actions flow.
    static Pi0 weights(Path folder) {
        var json = Pi0Published.config(folder);
        if (Pi0Published.type(json).equals(Pi0Checkpoint.TYPE)) {
            var own = Pi0Checkpoint.open(folder);
            if (own.head() != ActionHead.FLOW || own.visibility() != Pi0.Visibility.BLOCKWISE) {
                own.pi0().close();
                throw new CheckpointException(
                        folder, "head", "is " + own.head(), "adapt a policy whose actions flow");
            }
            return own.pi0();
        }
        if (!Pi0Published.type(json).isEmpty() && !Pi0Published.is(json)) {
            throw new CheckpointException(
                    folder.resolve("config.json"),
                    "type",
                    "is '%s'".formatted(Pi0Published.type(json)),
                    Pi0FastPolicy.is(json)
                            ? "it has no expert: fastPolicy opens it"
                            : "pi0 and pi05 policies can be adapted");
        }
        return Pi0Weights.load(Pi0Published.weights(folder), json);
    }
}
