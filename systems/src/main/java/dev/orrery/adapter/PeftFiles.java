package dev.orrery.adapter;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Adapter folders as PEFT writes them.
final class PeftFiles {

    static final String CONFIG = "adapter_config.json", WEIGHTS = "adapter_model.safetensors";
    private static final String WORDS = "trainable_token_indices", EMBEDDING = "embed_tokens";

    private static final String BASE = "orrery_base";

    private static final String PREFIX = "base_model.model.", OWN = ".base_layer.weight";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Switches whose other values change what is computed, with the value that is understood.
    private static final Map<String, String> PLAIN =
            Map.ofEntries(
                    Map.entry("use_qalora", "false"),
                    Map.entry("use_bdlora", "false"),
                    Map.entry("kasa_config", "null"),
                    Map.entry("velora_config", "null"),
                    Map.entry("monteclora_config", "null"),
                    Map.entry("arrow_config", "null"),
                    Map.entry("layer_replication", "null"),
                    Map.entry("alora_invocation_tokens", "null"));

    private PeftFiles() {}

    static AdapterConfig read(Path file) {
        var config = PublicConfig.read(file);
        refuseOthers(config);
        var method =
                switch (config.text("peft_type", "")) {
                    case "LORA" -> lora(config);
                    case "DELORA" ->
                            new Method.Delora(
                                    config.integer("r"), config.number("delora_lambda", 15));
                    case "OFT" -> oft(config);
                    default ->
                            throw config.wrong(
                                    "peft_type",
                                    "is '%s'; known: LORA, DELORA, OFT"
                                            .formatted(config.text("peft_type", "")));
                };
        boolean delora = method instanceof Method.Delora;
        return new AdapterConfig(
                method,
                targets(config),
                pattern(config, "rank_pattern", JsonNode::asInt),
                pattern(config, delora ? "lambda_pattern" : "alpha_pattern", JsonNode::asDouble),
                saved(config),
                options(config));
    }

    private static AdapterOptions options(PublicConfig config) {
        var biases =
                switch (config.text("bias", "none")) {
                    case "none" -> AdapterOptions.Biases.NONE;
                    case "all" -> AdapterOptions.Biases.ALL;
                    case "lora_only", "delora_only", "oft_only" -> AdapterOptions.Biases.ADAPTED;
                    default ->
                            throw config.wrong(
                                    "bias",
                                    "is '%s'; known: none, all, lora_only, delora_only, oft_only"
                                            .formatted(config.text("bias", "")));
                };
        return new AdapterOptions(
                start(config),
                config.text("peft_type", "").equals("LORA") && !config.flag("use_dora", false)
                        ? config.number("lora_dropout", 0)
                        : 0,
                biases,
                listed(config, "layers_to_transform").stream().map(JsonNode::asInt).toList(),
                listed(config, "layers_pattern").stream().map(JsonNode::asString).toList(),
                excluded(config),
                new AdapterExtras(
                        config.flag("lora_bias", false),
                        config.flag("ensure_weight_tying", false),
                        listed(config, "target_parameters").stream()
                                .map(JsonNode::asString)
                                .toList(),
                        words(config)));
    }

    /// Words by the layer they are rows of; a bare list is of the words' own embedding.
    private static Map<String, List<Integer>> words(PublicConfig config) {
        var named = config.node().get(WORDS);
        var found = new LinkedHashMap<String, List<Integer>>();
        if (named == null || named.isNull()) return found;
        if (named.isArray()) return Map.of(EMBEDDING, ids(named));
        named.properties().forEach(e -> found.put(e.getKey(), ids(e.getValue())));
        return found;
    }

    private static List<Integer> ids(JsonNode list) {
        return list.valueStream().map(JsonNode::asInt).toList();
    }

    /// How the factors began, where opening a folder depends on it: what they were is then taken
    /// out of the base.
    private static AdapterOptions.Start start(PublicConfig config) {
        var named = config.node().get("init_lora_weights");
        if (named == null || !named.isString()) return AdapterOptions.Start.KAIMING;
        var start =
                switch (named.asString().toLowerCase(Locale.ROOT)) {
                    case "gaussian", "eva", "orthogonal", "mica", "true", "false" ->
                            AdapterOptions.Start.KAIMING;
                    case "pissa" -> AdapterOptions.Start.PISSA;
                    case "olora" -> AdapterOptions.Start.OLORA;
                    default ->
                            throw config.wrong(
                                    "init_lora_weights",
                                    "is '%s', with which PEFT may change the base when it opens the folder, in a way that is not done here; save the adapter as plain LoRA (PEFT's path_initial_model_for_weight_conversion)"
                                            .formatted(named.asString()));
                };
        if (start.subtracts() && config.flag("use_dora", false)) {
            throw config.wrong(
                    "init_lora_weights", "is '%s' with use_dora".formatted(named.asString()));
        }
        return start;
    }

    private static Targets excluded(PublicConfig config) {
        var value = config.node().get("exclude_modules");
        return value != null && value.isString()
                ? new Targets.Matching(value.asString())
                : new Targets.Named(
                        listed(config, "exclude_modules").stream()
                                .map(JsonNode::asString)
                                .toList());
    }

    /// One value or several.
    private static List<JsonNode> listed(PublicConfig config, String key) {
        var value = config.node().get(key);
        if (value == null || value.isNull()) return List.of();
        return value.isArray() ? value.valueStream().toList() : List.of(value);
    }

    /// The whole file, with what is not understood here.
    static JsonNode json(Path file) {
        return PublicConfig.read(file).node();
    }

    /// An adapter's numbers. Where words are adapted PEFT writes the words themselves as well; they
    /// must be those of the model.
    ///
    /// @param stored the model's own weight of the layer at a path, if there is one
    static Map<String, Tensor> own(
            Path file, Map<String, Tensor> read, Function<String, Optional<Tensor>> stored) {
        var state = new LinkedHashMap<>(read);
        for (var name : read.keySet()) {
            if (!name.startsWith(PREFIX) || !name.endsWith(OWN)) continue;
            var path = name.substring(PREFIX.length(), name.length() - OWN.length());
            var own = stored.apply(path);
            if (own.isEmpty()) continue;
            var repeated = state.remove(name);
            boolean same =
                    Arrays.equals(repeated.shape(), own.get().shape())
                            && repeated.to(own.get().dtype()).eq(own.get()).all().item() != 0;
            if (!same) {
                throw new CheckpointException(
                        file,
                        name,
                        "differs from the model's own weight of '%s'".formatted(path),
                        "load the base that it was trained on, with as many words");
            }
        }
        return state;
    }

    /// The fingerprint of the base that weights were trained on; empty if they do not say.
    static String base(Path weights) {
        return Safetensors.inspect(weights).getFirst().metadata().getOrDefault(BASE, "");
    }

    private static void refuseOthers(PublicConfig config) {
        PLAIN.forEach((key, plain) -> {
            var value = config.node().get(key);
            if (value == null || value.isNull()) return;
            if (!value.isValueNode() || !value.asString().equals(plain)) {
                throw config.wrong(
                        key, "is %s; adapters with that switch are not read".formatted(value));
            }
        });
    }

    private static Method lora(PublicConfig config) {
        int rank = config.integer("r");
        double alpha = config.number("lora_alpha", 8);
        boolean stabilised = config.flag("use_rslora", false);
        return config.flag("use_dora", false)
                ? new Method.Dora(rank, alpha, stabilised)
                : new Method.Lora(rank, alpha, stabilised);
    }

    private static Method oft(PublicConfig config) {
        int block = config.integer("oft_block_size", 0);
        return new Method.Oft(
                block,
                block > 0 ? 0 : config.integer("r", 0),
                config.flag("block_share", false),
                config.flag("use_cayley_neumann", true)
                        ? config.integer("num_cayley_neumann_terms", 5)
                        : 0,
                config.flag("coft", false) ? config.number("eps", 6e-5) : 0);
    }

    private static Targets targets(PublicConfig config) {
        var named = config.node().get("target_modules");
        if (named == null || named.isNull()) {
            if (!listed(config, "target_parameters").isEmpty()) return new Targets.Named(List.of());
            throw config.wrong("target_modules", "is missing");
        }
        if (named.isArray()) return new Targets.Named(config.texts("target_modules"));
        var text = named.asString();
        return text.equals("all-linear") ? new Targets.AllLinear() : new Targets.Matching(text);
    }

    private static List<String> saved(PublicConfig config) {
        var named = config.node().get("modules_to_save");
        return named == null || named.isNull() ? List.of() : config.texts("modules_to_save");
    }

    private interface Value<V> {
        V of(JsonNode node);
    }

    private static <V> Map<String, V> pattern(PublicConfig config, String key, Value<V> value) {
        var found = new LinkedHashMap<String, V>();
        config.object(key)
                .ifPresent(o ->
                        o.node()
                                .properties()
                                .forEach(e -> found.put(e.getKey(), value.of(e.getValue()))));
        return found;
    }

    static void write(Path folder, AdapterConfig config, String base, Adapter adapter) {
        var json = new LinkedHashMap<String, Object>();
        adapter.origin()
                .ifPresent(
                        read -> read.properties().forEach(e -> json.put(e.getKey(), e.getValue())));
        json.put("base_model_name_or_path", base);
        json.put("inference_mode", true);
        if (config.options().start().subtracts()) json.put("init_lora_weights", true);
        var form = Principal.plain(config);
        method(json, form);
        options(json, form);
        json.put("target_modules", targets(form.targets()));
        if (!form.saved().isEmpty()) json.put("modules_to_save", form.saved());
        try {
            Files.createDirectories(folder);
            Safetensors.write(
                    folder.resolve(WEIGHTS),
                    Principal.plain(config, adapter.values()),
                    Map.of("format", "pt", BASE, adapter.base()));
            Files.writeString(
                    folder.resolve(CONFIG),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        } catch (IOException e) {
            throw new CheckpointException(
                    folder, "", "cannot be written: " + e.getMessage(), "check the disk", e);
        }
    }

    private static void method(Map<String, Object> json, AdapterConfig config) {
        switch (config.method()) {
            case Method.Lora(int rank, double alpha, boolean stabilised) ->
                    lora(json, rank, alpha, stabilised, false);
            case Method.Dora(int rank, double alpha, boolean stabilised) ->
                    lora(json, rank, alpha, stabilised, true);
            case Method.Delora(int rank, double lambda, var form) -> {
                if (!form.equals(DeloraForm.PEFT)) {
                    throw new IllegalStateException(
                            "adapter: PEFT's files have no place for %s; train %s to save it there, or merge it and save the model"
                                    .formatted(form, DeloraForm.PEFT));
                }
                json.put("peft_type", "DELORA");
                json.put("r", rank);
                json.put("delora_lambda", lambda);
                json.put("lambda_pattern", config.strengths());
                json.put("module_dropout", 0.0);
            }
            case Method.Oft(int block, int blocks, boolean shared, int terms, double limit) -> {
                json.put("peft_type", "OFT");
                json.put("r", blocks);
                json.put("oft_block_size", block);
                json.put("block_share", shared);
                json.put("use_cayley_neumann", terms > 0);
                json.put("num_cayley_neumann_terms", Math.max(terms, 5));
                json.put("coft", limit > 0);
                if (limit > 0) json.put("eps", limit);
            }
        }
        if (!(config.method() instanceof Method.Oft)) json.put("rank_pattern", config.ranks());
        if (json.get("peft_type").equals("LORA")) json.put("alpha_pattern", config.strengths());
    }

    private static void options(Map<String, Object> json, AdapterConfig config) {
        var options = config.options();
        json.put(
                "bias",
                switch (options.biases()) {
                    case NONE -> "none";
                    case ADAPTED ->
                            switch (config.method()) {
                                case Method.Lora _, Method.Dora _ -> "lora_only";
                                case Method.Delora _ -> "delora_only";
                                case Method.Oft _ -> "oft_only";
                            };
                    case ALL -> "all";
                });
        if (options.dropout() > 0) json.put("lora_dropout", options.dropout());
        if (!options.blocks().isEmpty()) json.put("layers_to_transform", options.blocks());
        if (!options.lists().isEmpty()) json.put("layers_pattern", options.lists());
        if (!options.excluded().equals(AdapterOptions.NONE.excluded())) {
            json.put("exclude_modules", targets(options.excluded()));
        }
        extras(json, options.extras());
    }

    private static void extras(Map<String, Object> json, AdapterExtras extras) {
        if (extras.biased()) json.put("lora_bias", true);
        if (extras.tied()) json.put("ensure_weight_tying", true);
        if (!extras.parameters().isEmpty()) json.put("target_parameters", extras.parameters());
        if (!extras.words().isEmpty()) json.put(WORDS, extras.words());
    }

    private static void lora(
            Map<String, Object> json, int rank, double alpha, boolean stabilised, boolean dora) {
        json.put("peft_type", "LORA");
        json.put("r", rank);
        json.put("lora_alpha", alpha == Math.rint(alpha) ? (Object) (long) alpha : (Object) alpha);
        json.put("lora_dropout", 0.0);
        json.put("use_rslora", stabilised);
        json.put("use_dora", dora);
    }

    private static Object targets(Targets targets) {
        return switch (targets) {
            case Targets.Named(List<String> names) -> names;
            case Targets.Matching(String pattern) -> pattern;
            case Targets.AllLinear _ -> "all-linear";
        };
    }
}
