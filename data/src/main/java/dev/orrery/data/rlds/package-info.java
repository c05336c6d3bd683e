/// RLDS episodes as TensorFlow Datasets stores them: TFRecord files of `tf.train.Example`.
///
/// [dev.orrery.data.rlds.TfRecords] reads and writes the records, [dev.orrery.data.rlds.Example]
/// what is in them. Mappings of the Open X data sets and the layout of `features.json` are not here
/// yet.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.rlds;
