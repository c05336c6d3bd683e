/// RLDS episodes as TensorFlow Datasets stores them: TFRecord files of `tf.train.Example`.
///
/// - [dev.orrery.data.rlds.RldsDataset] opens one and reads its episodes in order;
///   [dev.orrery.data.rlds.RldsWriter] writes one.
/// - [dev.orrery.data.rlds.RldsMapping] makes the standardised view that policies over many robots
///   share, for nine sets of Open X-Embodiment and any other that a JSON file describes.
/// - [dev.orrery.data.rlds.RldsConvert] turns LeRobot data sets into RLDS and back.
/// - [dev.orrery.data.rlds.TfRecords] reads and writes the records, [dev.orrery.data.rlds.Example]
///   what is in them.
///
/// Sources: the TFRecord format of TensorFlow, RLDS (arXiv:2111.02767), Open X-Embodiment
/// (arXiv:2310.08864).
@org.jspecify.annotations.NullMarked
package dev.orrery.data.rlds;
