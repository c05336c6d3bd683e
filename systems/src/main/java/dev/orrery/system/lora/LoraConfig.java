package dev.orrery.system.lora;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.AdapterOptions;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.adapt.Adaptation;
import dev.orrery.policy.adapt.Manner;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Limits;
import java.util.List;

/// Everything that a run is determined by, besides its seed.
///
/// @param base the policy that is adapted
/// @param way what of it is trained
/// @param training on what, how long, how fast
/// @param evaluation how it is measured
public record LoraConfig(Base base, Way way, Training training, Evaluation evaluation) {

    /// What is trained.
    public enum Method {
        /// Everything.
        FULL,
        /// The output layer.
        HEAD,
        /// All biases.
        BIASES,
        /// Products of low rank.
        LORA,
        /// The same with learned lengths of the outputs.
        DORA
    }

    /// Which layers have adapters.
    public enum Layers {
        /// Every linear one.
        ALL,
        /// Those that make queries and values.
        QUERY_VALUE;

        private Targets targets() {
            return switch (this) {
                case ALL -> new Targets.AllLinear();
                case QUERY_VALUE -> new Targets.Named(List.of("q_proj", "v_proj"));
            };
        }
    }

    /// The policy that is adapted.
    ///
    /// @param preset of the system that trains it, where no folder is given
    /// @param sets `path=value` pairs laid over that preset
    /// @param folder a policy's folder, such as `runs/pi0-…/policy`, or empty to train one
    public record Base(String preset, List<String> sets, String folder) {
        public Base {
            sets = List.copyOf(sets);
        }
    }

    /// What of the policy is trained.
    ///
    /// @param method what
    /// @param layers which layers have adapters
    /// @param rank of the products
    /// @param alpha their scale is alpha / rank
    /// @param stabilised whether it is alpha / √rank (rsLoRA)
    /// @param plus how many times faster B learns than A (LoRA+)
    /// @param dropout share of a layer's inputs that an adapter does not see in a step
    public record Way(
            Method method,
            Layers layers,
            int rank,
            double alpha,
            boolean stabilised,
            double plus,
            double dropout) {

        public Way {
            new Limits("way")
                    .size("rank", rank)
                    .positive("alpha", alpha)
                    .positive("plus", plus)
                    .share("dropout", dropout);
        }

        /// LoRA on every linear layer at scale 1.
        static Way lora(int rank) {
            return new Way(Method.LORA, Layers.ALL, rank, rank, false, 1, 0);
        }

        /// The same by another method.
        Way with(Method other) {
            return new Way(other, layers, rank, alpha, stabilised, plus, dropout);
        }

        /// The same on other layers.
        Way on(Layers others) {
            return new Way(method, others, rank, alpha, stabilised, plus, dropout);
        }

        /// What to train.
        ///
        /// @throws IllegalArgumentException if rank, alpha or dropout are out of range
        Manner manner() {
            return switch (method) {
                case FULL -> new Manner.Full();
                case HEAD -> new Manner.Head();
                case BIASES -> new Manner.Biases();
                case LORA -> adapted(new AdapterConfig.Method.Lora(rank, alpha, stabilised));
                case DORA -> adapted(new AdapterConfig.Method.Dora(rank, alpha, stabilised));
            };
        }

        private Manner adapted(AdapterConfig.Method change) {
            var config =
                    new AdapterConfig(change, layers.targets())
                            .with(AdapterOptions.NONE.withDropout(dropout));
            return new Manner.Adapted(config, AdapterRates.plus(plus));
        }
    }

    /// @param families of the demonstrations, all thirteen of the shifted table if empty
    /// @param perFamily demonstrations of each
    /// @param validation demonstrations of each to choose by
    /// @param steps optimiser steps
    /// @param batch frames a step
    /// @param learningRate the highest
    /// @param saveEvery steps between checkpoints
    public record Training(
            List<String> families,
            int perFamily,
            int validation,
            int steps,
            int batch,
            double learningRate,
            int saveEvery) {
        public Training {
            families = List.copyOf(families);
            new Limits("training")
                    .atLeast(1, "perFamily", perFamily)
                    .atLeast(1, "validation", validation)
                    .stage(steps, batch, learningRate)
                    .atLeast(1, "saveEvery", saveEvery);
        }
    }

    /// @param episodes a family of the core
    /// @param execute actions executed of each chunk
    public record Evaluation(int episodes, int execute) {

        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "episodes", episodes)
                    .atLeast(1, "execute", execute);
        }
    }

    public LoraConfig {
        way.manner();
    }

    /// Rank 8 on every linear layer of π0's laptop policy, 500 steps.
    public static LoraConfig laptop() {
        return new LoraConfig(
                new Base("laptop", List.of(), ""),
                Way.lora(8),
                new Training(List.of(), 40, 5, 500, 32, 1e-3, 100),
                new Evaluation(25, 2));
    }

    /// The laptop's on a base that is trained for seven minutes instead of forty.
    public static LoraConfig demo() {
        return laptop().with(new Base("demo", List.of(), ""));
    }

    /// Three families on a base of two minutes, to see that everything works.
    public static LoraConfig smoke() {
        return new LoraConfig(
                new Base("smoke", List.of(), ""),
                Way.lora(4),
                new Training(List.of("reach", "button", "pick"), 20, 5, 60, 16, 3e-3, 20),
                new Evaluation(5, 2));
    }

    /// The same on another base.
    public LoraConfig with(Base other) {
        return new LoraConfig(other, way, training, evaluation);
    }

    /// The same by another way.
    public LoraConfig with(Way other) {
        return new LoraConfig(base, other, training, evaluation);
    }

    /// How much of everything, for the laboratory.
    ShiftedLab.Budget budget() {
        var t = training;
        return new ShiftedLab.Budget(
                t.families.stream().map(Family::parse).toList(),
                t.perFamily,
                t.validation,
                new Adaptation.Plan(t.steps, t.batch, t.learningRate),
                evaluation.episodes,
                evaluation.execute);
    }
}
