package dev.orrery.system.genie;

import dev.orrery.system.genie.GenieConfig.Codes;
import dev.orrery.system.genie.GenieConfig.Data;
import dev.orrery.system.genie.GenieConfig.Dynamics;
import dev.orrery.system.genie.GenieConfig.Evaluation;
import dev.orrery.system.genie.GenieConfig.Fit;
import dev.orrery.system.genie.GenieConfig.Injection;
import dev.orrery.system.genie.GenieConfig.Masking;
import dev.orrery.system.genie.GenieConfig.Network;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.system.genie.GenieConfig.Stages;
import dev.orrery.system.genie.GenieConfig.Training;
import dev.orrery.system.genie.LatentActionsConfig.LamInput;
import dev.orrery.system.genie.LatentActionsConfig.Sight;
import dev.orrery.system.genie.TokenizerConfig.Variant;

/// The configurations that [GenieConfig] offers by name.
final class GeniePresets {

    private GeniePresets() {}

    static GenieConfig laptop() {
        return new GenieConfig(
                new Data("", 30_000, 8, 64, 64, Fit.EXACT, 0.5, 0.1),
                new TokenizerConfig(
                        8,
                        Variant.TEMPORAL,
                        Network.of(96, 2, 3),
                        Network.of(96, 2, 3),
                        new Codes(1024, 32),
                        new BudgetConfig(1200, 4, 3e-3, 2e-4, 50, 0.7),
                        0.2),
                new LatentActionsConfig(
                        8,
                        LamInput.PIXELS,
                        Sight.ofChanges(),
                        false,
                        0,
                        Network.of(96, 2, 3),
                        Network.of(96, 2, 3),
                        new Codes(8, 16),
                        new BudgetConfig(1200, 8, 2e-3, 2e-4, 50, 1)),
                new Dynamics(
                        Injection.PREPEND,
                        Masking.KNOWN_PAST,
                        Network.of(128, 4, 4),
                        new BudgetConfig(1000, 4, 2e-3, 2e-4, 50, 0.2)),
                new Training(Stages.SEPARATE, 0.95, 1e-4, 1, 100),
                new Evaluation(8, 1, Order.GREEDY, 256));
    }

    static GenieConfig smoke() {
        var laptop = laptop();
        var l = laptop.latentActions();
        var t = laptop.tokenizer();
        return new GenieConfig(
                new Data("", 3_000, 8, 32, 32, Fit.EXACT, 0.5, 0.1),
                new TokenizerConfig(
                        4,
                        t.variant(),
                        Network.of(64, 1, 2),
                        Network.of(64, 1, 2),
                        new Codes(128, 16),
                        t.budget().withSteps(100),
                        t.continuous()),
                new LatentActionsConfig(
                        4,
                        l.lamInput(),
                        l.sight(),
                        l.useGtActions(),
                        l.motionWeight(),
                        Network.of(64, 1, 2),
                        Network.of(64, 1, 2),
                        l.codes(),
                        l.budget().withSteps(100)),
                laptop.dynamics()
                        .with(Network.of(64, 2, 2))
                        .with(laptop.dynamics().budget().withSteps(100)),
                laptop.training(),
                new Evaluation(4, 1, Order.GREEDY, 16));
    }

    static GenieConfig coinrun() {
        var network = Network.of(512, 8, 8);
        return new GenieConfig(
                new Data("", 10_000_000, 16, 64, 64, Fit.EXACT, 0, 0.01),
                new TokenizerConfig(
                        4,
                        Variant.TEMPORAL,
                        network,
                        network,
                        new Codes(1024, 32),
                        new BudgetConfig(300_000, 48, 3e-4, 3e-4, 10_000)),
                new LatentActionsConfig(
                        16,
                        LamInput.PIXELS,
                        Sight.paper(),
                        false,
                        0,
                        network,
                        network,
                        new Codes(6, 32),
                        new BudgetConfig(200_000, 36, 3e-5, 3e-6, 5_000)),
                new Dynamics(
                        Injection.ADDITIVE,
                        Masking.BERNOULLI,
                        Network.of(512, 12, 8),
                        new BudgetConfig(200_000, 36, 3e-5, 3e-6, 5_000)),
                new Training(Stages.JOINT, 0.9, 1e-4, 1, 5_000),
                new Evaluation(25, 1, Order.GREEDY, 512));
    }

    static GenieConfig paper() {
        var deep = new Network(1024, 20, 16, 64, true);
        return new GenieConfig(
                new Data("", 1_000_000_000, 16, 90, 160, Fit.PAD, 0, 0.001),
                new TokenizerConfig(
                        4,
                        Variant.TEMPORAL,
                        new Network(512, 12, 8, 64, true),
                        deep,
                        new Codes(1024, 32),
                        new BudgetConfig(300_000, 64, 3e-4, 3e-4, 10_000)),
                new LatentActionsConfig(
                        16,
                        LamInput.PIXELS,
                        Sight.paper(),
                        false,
                        0,
                        deep,
                        deep,
                        new Codes(8, 32),
                        new BudgetConfig(125_000, 512, 3e-5, 3e-6, 5_000)),
                new Dynamics(
                        Injection.ADDITIVE,
                        Masking.BERNOULLI,
                        new Network(5120, 48, 36, 128, true),
                        new BudgetConfig(125_000, 512, 3e-5, 3e-6, 5_000)),
                new Training(Stages.JOINT, 0.9, 1e-4, 1, 1_000),
                new Evaluation(25, 2, Order.GREEDY, 512));
    }
}
