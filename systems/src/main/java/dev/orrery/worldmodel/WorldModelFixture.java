package dev.orrery.worldmodel;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Fixtures of the 2023 form: the recurrent model, the image codecs, and the heads with returns.
///
/// What a fixture is, and its sizes, are read from its `config.json`: of a recurrent model
/// (`deter`, `hidden`, `stoch` groups of `discrete` classes, `actions`, `embed`, and `unimix`,
/// `free`, `dyn_scale`, `rep_scale`), of codecs (`size`, `minres`, `depth`, `feat`), or of heads
/// (`buckets` from `low` to `high`, `ema_rate`). The port that wrote them takes actions as they
/// are; ours, like the published code, scales actions beyond ±1 back, so that fixtures with such
/// actions differ.
public final class WorldModelFixture implements FixtureModel {

    /// The names of the port that wrote the fixtures, and ours.
    private static final Map<String, String> NAMES =
            Map.ofEntries(
                    Map.entry("W", "initial"),
                    Map.entry("_cell.layers.GRU_linear", "core.dyngru"),
                    Map.entry("_cell.layers.GRU_norm", "core.dyngru_norm"),
                    Map.entry("_img_in_layers.0", "core.dynin0"),
                    Map.entry("_img_in_layers.1", "core.dynin0.norm.layer"),
                    Map.entry("_img_out_layers.0", "prior.0"),
                    Map.entry("_img_out_layers.1", "prior.0.norm.layer"),
                    Map.entry("_imgs_stat_layer", "priorlogit"),
                    Map.entry("_obs_out_layers.0", "obs0"),
                    Map.entry("_obs_out_layers.1", "obs0.norm.layer"),
                    Map.entry("_obs_stat_layer", "obslogit"),
                    Map.entry("decoder._linear_layer", "decoder.linear"));

    /// The port's numbering of layers: a convolution, its norm and its activation, and so on.
    private static final Pattern LAYER =
            Pattern.compile("(encoder|decoder)\\.layers\\.(\\d+)(\\.norm)?\\.(weight|bias)");

    /// Both image codecs of a fixture.
    private static final class Codecs extends Module {
        final StrideEncoder encoder;
        final StrideDecoder decoder;

        Codecs(long features, Strides sizes, Seed seed) {
            encoder = child("encoder", new StrideEncoder(sizes, seed.split("encoder")));
            decoder = child("decoder", new StrideDecoder(features, sizes, seed.split("decoder")));
        }
    }

    /// The sizes in a `config.json`.
    private record Sizes(Path file, JsonNode tree) {

        static Sizes of(Fixture fixture) {
            try {
                return new Sizes(fixture.config(), new JsonMapper().readTree(fixture.config()));
            } catch (JacksonException e) {
                throw new CheckpointException(fixture.config(), "", "is not JSON", "copy it again");
            }
        }

        int whole(String key) {
            if (!tree.path(key).canConvertToInt())
                throw new CheckpointException(file, key, "is no whole number", "add it");
            return tree.path(key).intValue();
        }

        double number(String key, double usual) {
            return tree.path(key).asDouble(usual);
        }

        /// Refuses what the port can vary and this form does not.
        void fixed(String key, String only) {
            var value = tree.path(key).asString(only);
            if (!value.equals(only))
                throw new CheckpointException(
                        file, key, "is %s, only %s is known".formatted(value, only), "change it");
        }
    }

    @Override
    public String name() {
        return "DreamerV3 (RSSM, convolutions, heads)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        if (!List.of("model", "loss").contains(fixture.kind())
                || !Files.isRegularFile(fixture.config())) return false;
        var tree = Sizes.of(fixture).tree();
        return Stream.of("deter", "minres", "buckets").anyMatch(tree::has);
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var sizes = Sizes.of(fixture);
        if (sizes.tree().has("deter")) return recurrence(fixture, sizes);
        return sizes.tree().has("minres") ? images(fixture, sizes) : heads(fixture, sizes);
    }

    private static Map<String, Tensor> recurrence(Fixture fixture, Sizes sizes) {
        sizes.fixed("act", "SiLU");
        sizes.fixed("initial", "learned");
        var in = fixture.inputs();
        double unimix = sizes.number("unimix", 0.01);
        var config =
                new Rssm.Config(
                        Form.V2023,
                        sizes.whole("deter"),
                        sizes.whole("hidden"),
                        sizes.whole("stoch"),
                        sizes.whole("discrete"),
                        1,
                        unimix,
                        sizes.whole("actions"),
                        sizes.whole("embed"));
        var rssm = Module.unset(() -> new Rssm(config, Seed.of(0)));
        load(rssm, fixture);
        var found = new LinkedHashMap<String, Tensor>();
        long batch = in.get("action").size(0), steps = in.get("action").size(1);
        var initial = rssm.initial(batch);
        found.put("initial.deter", initial.deter());
        found.put("initial.stoch", grouped(rssm, initial.latents()));
        found.put(
                "gru.out",
                ((PlainRecurrence) rssm.children().get("core"))
                        .step(in.get("gru_x"), in.get("gru_h")));
        // the port starts every sequence afresh, whatever its first mark says
        var marks = in.get("is_first").transpose(0, 1).copy();
        marks.select(0, 0).fill_(1);
        var trace =
                rssm.observe(
                        initial,
                        in.get("embed").transpose(0, 1),
                        in.get("action").transpose(0, 1),
                        marks,
                        Draws.gumbel(in.get("gumbel_post")));
        var priors = new ArrayList<Tensor>();
        var priorDraws = Draws.gumbel(in.get("gumbel_prior"));
        for (int t = 0; t < steps; t++)
            priors.add(rssm.draw(trace.prior().select(0, t), priorDraws, t));
        found.put("post.deter", trace.deter().transpose(0, 1));
        found.put("post.stoch", grouped(rssm, trace.latents()).transpose(0, 1));
        found.put("post.logit", trace.posterior().transpose(0, 1));
        found.put("prior.deter", trace.deter().transpose(0, 1));
        found.put("prior.stoch", Tensor.stack(priors, 1));
        found.put("prior.logit", trace.prior().transpose(0, 1));
        var features = Tensor.cat(List.of(trace.latents(), trace.deter()), -1);
        found.put("feat", features.transpose(0, 1));
        var balance =
                new KlBalance(
                        sizes.number("dyn_scale", 0.5),
                        sizes.number("rep_scale", 0.1),
                        sizes.number("free", 1),
                        unimix);
        var terms = balance.compare(trace.posterior(), trace.prior());
        found.put("kl.dyn", terms.dynamics().t());
        found.put("kl.rep", terms.representation().t());
        found.put("kl.value", terms.value().t());
        found.put("kl.loss", balance.loss(terms).t());
        var loss =
                balance.loss(terms)
                        .mean()
                        .add(features.matmul(in.get("feat_w")).square().mean(), 0.01);
        gradients(rssm, fixture, loss, found);
        if (in.containsKey("imagine_action")) dream(rssm, trace, in, found);
        return found;
    }

    private static void dream(
            Rssm rssm, Rssm.Trace trace, Map<String, Tensor> in, Map<String, Tensor> found) {
        var draws = Draws.gumbel(in.get("gumbel_imagine"));
        var walk = rssm.imagine();
        var state = trace.last();
        var deters = new ArrayList<Tensor>();
        var latents = new ArrayList<Tensor>();
        var logits = new ArrayList<Tensor>();
        for (int t = 0; t < in.get("imagine_action").size(1); t++) {
            state = walk.step(state, in.get("imagine_action").select(1, t), draws, t);
            deters.add(state.deter());
            latents.add(grouped(rssm, state.latents()));
            logits.add(rssm.prior(state.deter()));
        }
        found.put("imagine.deter", Tensor.stack(deters, 1));
        found.put("imagine.stoch", Tensor.stack(latents, 1));
        found.put("imagine.logit", Tensor.stack(logits, 1));
    }

    private static Tensor grouped(Rssm rssm, Tensor latents) {
        return latents.unflatten(-1, rssm.config().groups(), rssm.config().classes());
    }

    private static Map<String, Tensor> images(Fixture fixture, Sizes sizes) {
        var in = fixture.inputs();
        var strides =
                new Strides(
                        (int) in.get("image").size(-1),
                        sizes.whole("size"),
                        sizes.whole("minres"),
                        sizes.whole("depth"));
        var codecs = Module.unset(() -> new Codecs(sizes.whole("feat"), strides, Seed.of(0)));
        load(codecs, fixture);
        var found = new LinkedHashMap<String, Tensor>();
        var image = in.get("image").flatten(0, 1);
        var embed = codecs.encoder.forward(image.permute(0, 3, 1, 2).sub(0.5));
        var recon = codecs.decoder.forward(in.get("feat").flatten(0, 1)).permute(0, 2, 3, 1);
        long batch = in.get("image").size(0);
        found.put("embed", embed.unflatten(0, batch, -1));
        found.put("recon", recon.unflatten(0, batch, -1));
        var loss = recon.sub(image).square().sum(1, 2, 3).mean().add(embed.square().mean(), 0.01);
        gradients(codecs, fixture, loss, found);
        return found;
    }

    private static Map<String, Tensor> heads(Fixture fixture, Sizes sizes) {
        var in = fixture.inputs();
        var found = new LinkedHashMap<String, Tensor>();
        if (in.containsKey("logits")) twoHot(in, sizes, found);
        if (in.containsKey("x")) {
            found.put("symlog", Symlog.symlog(in.get("x")));
            found.put("symexp_of_symlog", Symlog.symexp(Symlog.symlog(in.get("x"))));
        }
        if (in.containsKey("vec_mode")) {
            var mode = in.get("vec_mode");
            found.put("symlog_mse.mode", Symlog.symexp(mode));
            var apart = mode.sub(Symlog.symlog(in.get("vec_value"))).square();
            found.put("symlog_mse.log_prob", apart.flatten(2, -1).sum(-1, false).neg());
        }
        if (in.containsKey("bern_logit")) {
            var logit = in.get("bern_logit");
            var misses = Functional.softplus(logit).sub(logit.mul(in.get("bern_x")));
            found.put("bernoulli.log_prob", misses.sum(-1, false).neg());
        }
        if (in.containsKey("reward")) returns(in, fixture.expected().keySet(), found);
        spread(in, sizes, found);
        return found;
    }

    private static void twoHot(Map<String, Tensor> in, Sizes sizes, Map<String, Tensor> found) {
        double low = sizes.number("low", -20), high = sizes.number("high", 20);
        if (low != -high)
            throw new CheckpointException(
                    sizes.file(),
                    "low",
                    "is %s beside a high of %s; only bins around 0 are known".formatted(low, high),
                    "change it");
        var bins = TwoHot.ofSymlog(sizes.whole("buckets"), high);
        var logits = in.get("logits").copy().requiresGrad_(true);
        var losses = bins.loss(logits, in.get("target").squeeze(-1));
        found.put("twohot.log_prob", losses.neg());
        found.put("twohot.mean", bins.mean(logits).unsqueeze(-1));
        losses.mean().backward();
        found.put("twohot.grad_logits_of_mean_nll", logits.grad());
    }

    private static void returns(
            Map<String, Tensor> in, Set<String> wanted, Map<String, Tensor> found) {
        var values = in.get("value");
        var later = values.narrow(0, 1, values.size(0) - 1);
        var next = Tensor.cat(List.of(later, in.get("bootstrap").unsqueeze(0)), 0);
        var prefix = "lambda_return.";
        for (var name : wanted) {
            if (!name.startsWith(prefix)) continue;
            double lambda = Double.parseDouble(name.substring(prefix.length()));
            found.put(name, LambdaReturn.of(in.get("reward"), in.get("discount"), next, lambda));
        }
    }

    private static void spread(Map<String, Tensor> in, Sizes sizes, Map<String, Tensor> found) {
        var scale = new ReturnScale(sizes.number("ema_rate", 0.01));
        int batches = 0;
        for (; in.containsKey("returns." + batches); batches++) {
            scale.update(in.get("returns." + batches));
            found.put("return_norm.ema." + batches, scale.stateDict().get("percentiles").copy());
            found.put("return_norm.scale." + batches, Tensor.full(scale.scale()));
        }
        // the port's offsets are views, so that all of them are the last
        for (int i = 0; i < batches; i++)
            found.put("return_norm.offset." + i, Tensor.full(scale.low()));
    }

    private static void load(Module model, Fixture fixture) {
        var state = new LinkedHashMap<String, Tensor>();
        Safetensors.read(fixture.weightsFile())
                .forEach((name, tensor) -> state.put(ours(name), tensor));
        model.load(state);
    }

    private static void gradients(
            Module model, Fixture fixture, Tensor loss, Map<String, Tensor> found) {
        found.put("loss", loss);
        loss.backward();
        var parameters = model.namedParameters();
        for (var theirs : Safetensors.read(fixture.weightsFile()).keySet()) {
            var parameter = parameters.get(ours(theirs));
            if (parameter.hasGrad()) found.put("grad." + theirs, parameter.grad());
        }
    }

    private static String ours(String name) {
        if (name.equals("W")) return "initial";
        var layer = LAYER.matcher(name);
        if (layer.matches()) {
            int stage = Integer.parseInt(layer.group(2)) / 3;
            var half = layer.group(1);
            var kind = layer.group(4);
            if (layer.group(3) != null) return "%s.%d.norm.%s".formatted(half, stage, kind);
            if (half.equals("encoder")) return "encoder.%d.conv.%s".formatted(stage, kind);
            return kind.equals("bias") ? "decoder.out.bias" : "decoder.%d.weight".formatted(stage);
        }
        int dot = Math.max(0, name.lastIndexOf('.'));
        return NAMES.getOrDefault(name.substring(0, dot), "(unknown) " + name.substring(0, dot))
                + name.substring(dot);
    }
}
