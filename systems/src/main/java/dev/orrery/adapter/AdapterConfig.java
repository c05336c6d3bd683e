package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Linear;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What is adapted, and how.
///
/// @param method how a weight changes
/// @param targets which layers
/// @param ranks ranks of layers whose path matches a pattern, the first that does
/// @param strengths alphas (or lambdas) of layers whose path matches a pattern
/// @param saved modules that are trained and kept whole, by the ends of their paths, as in PEFT
///   also within a word: `norm` is `input_layernorm` too
/// @param options what is less usual
public record AdapterConfig(
        Method method,
        Targets targets,
        Map<String, Integer> ranks,
        Map<String, Double> strengths,
        List<String> saved,
        AdapterOptions options) {

    public AdapterConfig {
        requireKnown(method, options);
        saved = List.copyOf(saved);
        ranks = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(ranks));
        strengths = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(strengths));
    }

    /// One method everywhere.
    public AdapterConfig(Method method, Targets targets) {
        this(method, targets, Map.of(), Map.of(), List.of());
    }

    /// Without options.
    public AdapterConfig(
            Method method,
            Targets targets,
            Map<String, Integer> ranks,
            Map<String, Double> strengths,
            List<String> saved) {
        this(method, targets, ranks, strengths, saved, AdapterOptions.NONE);
    }

    /// The same with other options.
    ///
    /// @throws IllegalArgumentException if the method does not know one of them
    public AdapterConfig with(AdapterOptions others) {
        return new AdapterConfig(method, targets, ranks, strengths, saved, others);
    }

    /// The same, and these modules are trained whole.
    public AdapterConfig saving(List<String> modules) {
        return new AdapterConfig(method, targets, ranks, strengths, modules, options);
    }

    private static void requireKnown(Method method, AdapterOptions options) {
        boolean lora = method instanceof Method.Lora;
        if (!lora && options.dropout() > 0) {
            throw new IllegalArgumentException(
                    "adapter: dropout is for LoRA, not for %s; use 0".formatted(method));
        }
        if (!lora && options.start() != AdapterOptions.Start.KAIMING) {
            throw new IllegalArgumentException(
                    "adapter: %s starts in its own way; %s is for LoRA"
                            .formatted(method, options.start()));
        }
        requireKnown(method, options, options.extras());
    }

    private static void requireKnown(Method method, AdapterOptions options, AdapterExtras extras) {
        boolean lora = method instanceof Method.Lora;
        boolean own = extras.biased() || !extras.parameters().isEmpty();
        if (own && !lora) {
            throw new IllegalArgumentException(
                    "adapter: biases of its own and weights adapted where they lie are for LoRA, not for %s; leave them out"
                            .formatted(method));
        }
        if (extras.biased() && options.start() != AdapterOptions.Start.KAIMING) {
            throw new IllegalArgumentException(
                    "adapter: LoRA with biases of its own starts as KAIMING, not as %s"
                            .formatted(options.start()));
        }
        if (!extras.parameters().isEmpty() && (extras.biased() || options.dropout() > 0)) {
            throw new IllegalArgumentException(
                    "adapter: %s are adapted where they lie, where there is neither dropout nor a bias; leave those out"
                            .formatted(extras.parameters()));
        }
        boolean words = !extras.words().isEmpty() || extras.tied();
        if (words && !lora && !(method instanceof Method.Dora)) {
            throw new IllegalArgumentException(
                    "adapter: single words and ties are for LoRA and DoRA, not for %s; leave them out"
                            .formatted(method));
        }
    }

    /// Whether the layer at a path is adapted.
    boolean adapts(String path, Adaptable layer) {
        return targets.has(path, layer) && options.allows(path, layer);
    }

    /// Whether the layer at a path is adapted in its weight, whatever it does with that.
    boolean adaptsWeightOf(String path) {
        return options.extras().adaptsWeightOf(path);
    }

    /// How a weight changes.
    public sealed interface Method {

        /// `W + s B A`, `s = alpha / r`, or `alpha / √r` if `stabilised` (rsLoRA).
        ///
        /// Source: arXiv:2106.09685, 2312.03732.
        record Lora(int rank, double alpha, boolean stabilised) implements Method {
            public Lora {
                require(rank, alpha, "alpha");
            }
        }

        /// `m (W + s B A) / ‖W + s B A‖` for each output. Source: arXiv:2402.09353.
        record Dora(int rank, double alpha, boolean stabilised) implements Method {
            public Dora {
                require(rank, alpha, "alpha");
            }
        }

        /// `W + B diag(lambda / (r ‖a‖ ‖b‖)) A` times the norms of W's columns. Source:
        /// arXiv:2503.18225.
        ///
        /// @param lambda where the strength starts
        /// @param form which of its parts are there, for ablations
        record Delora(int rank, double lambda, DeloraForm form) implements Method {
            public Delora {
                require(rank, lambda, "lambda");
            }

            /// As in PEFT's files.
            public Delora(int rank, double lambda) {
                this(rank, lambda, DeloraForm.PEFT);
            }
        }

        /// `W Rᵀ` with R orthogonal in blocks, by Cayley's transform of skew matrices. Source:
        /// arXiv:2306.07280.
        ///
        /// @param block inputs of a block; 0 if their number is given instead
        /// @param blocks blocks of every layer; 0 if their size is given instead
        /// @param shared whether all blocks are the same
        /// @param terms terms of the Neumann series that stands for the inverse; 0 for the inverse
        /// @param limit length that the skew matrices of a layer may have together (constrained
        ///   OFT); 0 if they may have any
        record Oft(int block, int blocks, boolean shared, int terms, double limit)
                implements Method {
            public Oft {
                if (!(limit >= 0)) {
                    throw new IllegalArgumentException(
                            "adapter: limit %s; use a length, or 0 for none".formatted(limit));
                }
                if (block > 0 == blocks > 0) {
                    throw new IllegalArgumentException(
                            "adapter: blocks of %d inputs, %d of them; give one of both"
                                    .formatted(block, blocks));
                }
                if (blocks == 0) requireTurning(block);
            }

            /// By the size of a block.
            public Oft(int block, boolean shared, int terms) {
                this(block, 0, shared, terms, 0);
            }

            /// Free to turn as far as it is trained to.
            public Oft(int block, int blocks, boolean shared, int terms) {
                this(block, blocks, shared, terms, 0);
            }

            /// Inputs of a block of a layer. Where a given size or number does not divide them, the
            /// nearest one that does, the smaller of two, as in PEFT.
            ///
            /// @throws IllegalArgumentException if a block could not turn
            int size(long inputs) {
                return requireTurning(
                        block > 0
                                ? divisor(inputs, block)
                                : (int) (inputs / divisor(inputs, blocks)));
            }

            private static int divisor(long inputs, int near) {
                if (near >= inputs) return (int) inputs;
                int less = near, more = near;
                while (inputs % less != 0) less--;
                while (inputs % more != 0) more++;
                return near - less <= more - near ? less : more;
            }

            /// @throws IllegalArgumentException if inputs do not split
            void requireSplit(long inputs) {
                long rest = inputs % (block > 0 ? block : blocks);
                if (rest != 0) {
                    throw new IllegalArgumentException(
                            "adapter: %d inputs do not split into %s; use a divisor"
                                    .formatted(
                                            inputs,
                                            block > 0 ? "blocks of " + block : blocks + " blocks"));
                }
            }

            private static int requireTurning(int size) {
                if (size < 2) {
                    throw new IllegalArgumentException(
                            "adapter: a block of %d inputs cannot turn; use at least 2"
                                    .formatted(size));
                }
                return size;
            }
        }

        private static void require(int rank, double strength, String name) {
            if (rank < 1) {
                throw new IllegalArgumentException(
                        "adapter: rank %d; use at least 1".formatted(rank));
            }
            if (!(strength > 0)) {
                throw new IllegalArgumentException(
                        "adapter: %s %s; it must be positive".formatted(name, strength));
            }
        }
    }

    /// The method for the layer at a path, with its own rank and strength where a pattern says so.
    Method at(String path) {
        return switch (method) {
            case Method.Lora(int rank, double alpha, boolean stabilised) ->
                    new Method.Lora(
                            find(ranks, path, rank), find(strengths, path, alpha), stabilised);
            case Method.Dora(int rank, double alpha, boolean stabilised) ->
                    new Method.Dora(
                            find(ranks, path, rank), find(strengths, path, alpha), stabilised);
            case Method.Delora(int rank, double lambda, var form) ->
                    new Method.Delora(find(ranks, path, rank), find(strengths, path, lambda), form);
            case Method.Oft oft -> oft;
        };
    }

    private static <V> V find(Map<String, V> patterns, String path, V usual) {
        return patterns.entrySet().stream()
                .filter(e -> Pattern.matches("(.*\\.)?(%s)$".formatted(e.getKey()), path))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(usual);
    }

    /// Which layers are adapted: linear ones, convolutions, embeddings.
    public sealed interface Targets {

        /// Those whose path is, or ends in, one of these names.
        record Named(List<String> names) implements Targets {
            public Named {
                names = List.copyOf(names);
            }
        }

        /// Those whose whole path matches a regular expression.
        record Matching(String pattern) implements Targets {}

        /// All linear ones but the output layer (`lm_head`).
        record AllLinear() implements Targets {}

        /// Whether the layer at a path is one.
        default boolean has(String path, Adaptable layer) {
            return switch (this) {
                case Named(var names) -> names.stream().anyMatch(n -> isAt(path, n));
                case Matching(var pattern) -> Pattern.matches(pattern, path);
                case AllLinear _ -> layer instanceof Linear && !isAt(path, "lm_head");
            };
        }
    }

    /// Whether a path is a name or ends in it.
    static boolean isAt(String path, String name) {
        return path.equals(name) || path.endsWith("." + name);
    }
}
