package dev.orrery.worldmodel;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of the 2023 form: the recurrent model, the image codecs, and the heads with returns.
public final class WorldModelFixture implements FixtureModel {

    private static final String RSSM = "DreamerV3 RSSM", CONV = "DreamerV3 convolutional";
    private static final String HEADS = "DreamerV3 heads";

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
                    Map.entry("encoder.layers.0", "encoder.0.conv"),
                    Map.entry("encoder.layers.1.norm", "encoder.0.norm"),
                    Map.entry("encoder.layers.3", "encoder.1.conv"),
                    Map.entry("encoder.layers.4.norm", "encoder.1.norm"),
                    Map.entry("decoder._linear_layer", "decoder.linear"),
                    Map.entry("decoder.layers.0", "decoder.0"),
                    Map.entry("decoder.layers.1.norm", "decoder.0.norm"),
                    Map.entry("decoder.layers.3", "decoder.1"));

    /// Both image codecs of a fixture.
    private static final class Codecs extends Module {
        final StrideEncoder encoder;
        final StrideDecoder decoder;

        Codecs(Seed seed) {
            encoder = child("encoder", new StrideEncoder(16, 6, seed.split("encoder")));
            decoder = child("decoder", new StrideDecoder(14, 16, 6, seed.split("decoder")));
        }
    }

    @Override
    public String name() {
        return "DreamerV3 (RSSM, convolutions, heads)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return List.of(RSSM, CONV, HEADS).stream().anyMatch(fixture.title()::startsWith);
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var inputs = fixture.inputs();
        if (fixture.title().startsWith(RSSM)) return recurrence(fixture, inputs);
        return fixture.title().startsWith(CONV) ? images(fixture, inputs) : heads(inputs);
    }

    private static Map<String, Tensor> recurrence(Fixture fixture, Map<String, Tensor> in) {
        var config = new Rssm.Config(Form.V2023, 24, 20, 4, 6, 1, 0.01, 3, 10);
        var rssm = Module.unset(() -> new Rssm(config, Seed.of(0)));
        load(rssm, fixture);
        var found = new LinkedHashMap<String, Tensor>();
        var initial = rssm.initial(3);
        found.put("initial.deter", initial.deter());
        found.put("initial.stoch", grouped(initial.latents()));
        found.put(
                "gru.out",
                ((PlainRecurrence) rssm.children().get("core"))
                        .step(in.get("gru_x"), in.get("gru_h")));
        var trace =
                rssm.observe(
                        rssm.initial(3),
                        in.get("embed").transpose(0, 1),
                        in.get("action").transpose(0, 1),
                        in.get("is_first").transpose(0, 1),
                        Draws.gumbel(in.get("gumbel_post")));
        var priors = new ArrayList<Tensor>();
        var priorDraws = Draws.gumbel(in.get("gumbel_prior"));
        for (int t = 0; t < 7; t++)
            priors.add(rssm.draw(trace.prior().select(0, t), priorDraws, t));
        found.put("post.deter", trace.deter().transpose(0, 1));
        found.put("post.stoch", grouped(trace.latents()).transpose(0, 1));
        found.put("post.logit", trace.posterior().transpose(0, 1));
        found.put("prior.deter", trace.deter().transpose(0, 1));
        found.put("prior.stoch", Tensor.stack(priors, 1));
        found.put("prior.logit", trace.prior().transpose(0, 1));
        var features = Tensor.cat(List.of(trace.latents(), trace.deter()), -1);
        found.put("feat", features.transpose(0, 1));
        var balance = new KlBalance(0.5, 0.1, 1, 0.01);
        var terms = balance.compare(trace.posterior(), trace.prior());
        found.put("kl.dyn", terms.dynamics().t());
        found.put("kl.rep", terms.representation().t());
        found.put("kl.value", terms.value().t());
        found.put("kl.loss", balance.loss(terms).t());
        var loss =
                balance.loss(terms)
                        .mean()
                        .add(features.matmul(in.get("feat_w")).square().mean(), 0.01);
        gradients(rssm, loss, found);
        dream(rssm, trace, in, found);
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
        for (int t = 0; t < 4; t++) {
            state = walk.step(state, in.get("imagine_action").select(1, t), draws, t);
            deters.add(state.deter());
            latents.add(grouped(state.latents()));
            logits.add(rssm.prior(state.deter()));
        }
        found.put("imagine.deter", Tensor.stack(deters, 1));
        found.put("imagine.stoch", Tensor.stack(latents, 1));
        found.put("imagine.logit", Tensor.stack(logits, 1));
    }

    private static Tensor grouped(Tensor latents) {
        return latents.unflatten(-1, 4, 6);
    }

    private static Map<String, Tensor> images(Fixture fixture, Map<String, Tensor> in) {
        var codecs = Module.unset(() -> new Codecs(Seed.of(0)));
        load(codecs, fixture);
        var found = new LinkedHashMap<String, Tensor>();
        var image = in.get("image").flatten(0, 1);
        var embed = codecs.encoder.forward(image.permute(0, 3, 1, 2).sub(0.5));
        var recon = codecs.decoder.forward(in.get("feat").flatten(0, 1)).permute(0, 2, 3, 1);
        found.put("embed", embed.unflatten(0, 2, 3));
        found.put("recon", recon.unflatten(0, 2, 3));
        var loss = recon.sub(image).square().sum(1, 2, 3).mean().add(embed.square().mean(), 0.01);
        gradients(codecs, loss, found);
        return found;
    }

    private static Map<String, Tensor> heads(Map<String, Tensor> in) {
        var found = new LinkedHashMap<String, Tensor>();
        var bins = TwoHot.ofSymlog(255);
        var logits = in.get("logits").copy().requiresGrad_(true);
        var losses = bins.loss(logits, in.get("target").squeeze(-1));
        found.put("twohot.log_prob", losses.neg());
        found.put("twohot.mean", bins.mean(logits).unsqueeze(-1));
        losses.mean().backward();
        found.put("twohot.grad_logits_of_mean_nll", logits.grad());
        var x = in.get("x");
        found.put("symlog", Symlog.symlog(x));
        found.put("symexp_of_symlog", Symlog.symexp(Symlog.symlog(x)));
        var mode = in.get("vec_mode");
        found.put("symlog_mse.mode", Symlog.symexp(mode));
        found.put(
                "symlog_mse.log_prob",
                mode.sub(Symlog.symlog(in.get("vec_value"))).square().sum(-1, false).neg());
        found.put(
                "bernoulli.log_prob",
                Functional.softplus(in.get("bern_logit"))
                        .sub(in.get("bern_logit").mul(in.get("bern_x")))
                        .neg()
                        .squeeze(-1));
        returns(in, found);
        var scale = new ReturnScale(0.01);
        for (int i = 0; i < 3; i++) {
            scale.update(in.get("returns." + i));
            found.put("return_norm.ema." + i, scale.stateDict().get("percentiles").copy());
            found.put("return_norm.scale." + i, Tensor.full(scale.scale()));
        }
        for (int i = 0; i < 3; i++) found.put("return_norm.offset." + i, Tensor.full(scale.low()));
        return found;
    }

    private static void returns(Map<String, Tensor> in, Map<String, Tensor> found) {
        var values = in.get("value");
        var next = Tensor.cat(List.of(values.narrow(0, 1, 8), in.get("bootstrap").unsqueeze(0)), 0);
        for (var lambda : List.of("0.0", "0.95", "1.0"))
            found.put(
                    "lambda_return." + lambda,
                    LambdaReturn.of(
                            in.get("reward"),
                            in.get("discount"),
                            next,
                            Double.parseDouble(lambda)));
    }

    private static void load(Module model, Fixture fixture) {
        var state = new LinkedHashMap<String, Tensor>();
        Safetensors.read(fixture.weightsFile())
                .forEach((name, tensor) -> state.put(ours(name), tensor));
        model.load(state);
    }

    private static void gradients(Module model, Tensor loss, Map<String, Tensor> found) {
        found.put("loss", loss);
        loss.backward();
        var theirs = new LinkedHashMap<String, String>();
        NAMES.forEach((port, own) -> {
            for (var kind : List.of(".weight", ".bias")) theirs.put(ours(port + kind), port + kind);
        });
        theirs.put("initial", "W");
        model.namedParameters()
                .forEach((name, parameter) -> {
                    if (parameter.hasGrad())
                        found.put("grad." + theirs.get(name), parameter.grad());
                });
    }

    private static String ours(String name) {
        if (name.equals("W")) return "initial";
        if (name.equals("decoder.layers.3.bias")) return "decoder.out.bias";
        int dot = name.lastIndexOf('.');
        return NAMES.get(name.substring(0, dot)) + name.substring(dot);
    }
}
