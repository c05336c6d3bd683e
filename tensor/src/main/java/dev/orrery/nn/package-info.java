/// Layers, and the modules that models are made of.
///
/// A model extends [dev.orrery.nn.Module], names its parts as public checkpoints do, and has one
/// `forward` of its own types. Layers take a [dev.orrery.tensor.Seed]; each parameter draws from
/// the stream of its own name, so adding a layer changes no other, and siblings that would start
/// alike are refused.
///
/// - Modules: [dev.orrery.nn.Module] (load, adopt, save, freeze, outline), [dev.orrery.nn.Layer],
///   [dev.orrery.nn.Sequential], [dev.orrery.nn.Residual], [dev.orrery.nn.Init]
/// - Projections: [dev.orrery.nn.Linear], [dev.orrery.nn.Embedding], [dev.orrery.nn.Mlp],
///   [dev.orrery.nn.GatedMlp], [dev.orrery.nn.Activation]
/// - Norms: [dev.orrery.nn.LayerNorm], [dev.orrery.nn.RmsNorm], [dev.orrery.nn.GroupNorm],
///   [dev.orrery.nn.AdaptiveLayerNorm], [dev.orrery.nn.AdaptiveRmsNorm], [dev.orrery.nn.Modulation]
/// - Attention: [dev.orrery.nn.SelfAttention], [dev.orrery.nn.CrossAttention],
///   [dev.orrery.nn.Attention], [dev.orrery.nn.Visibility], [dev.orrery.nn.Rotary],
///   [dev.orrery.nn.KvCache], [dev.orrery.nn.TransformerBlock]
/// - Convolutions: [dev.orrery.nn.Conv2d] and its relatives, [dev.orrery.nn.Window],
///   [dev.orrery.nn.ResidualConvBlock]
/// - Recurrence: [dev.orrery.nn.GruCell], [dev.orrery.nn.NormGruCell]
/// - Times and positions: [dev.orrery.nn.SinCosPeriods], [dev.orrery.nn.DitTimestep],
///   [dev.orrery.nn.TimeEmbedding], [dev.orrery.nn.SinCosPositions]
///
/// Layers hold no modes: what differs between training and use (dropout, caches) is an argument.
@org.jspecify.annotations.NullMarked
package dev.orrery.nn;
