/// LeRobot data sets, versions 3.0, 2.1 and 2.0: robot episodes as Parquet, PNG and mp4.
///
/// - [dev.orrery.data.lerobot.LeRobotDataset] opens one and gives frames and windows by number.
/// - [dev.orrery.data.lerobot.LeRobotWriter] writes one, episode by episode.
/// - [dev.orrery.data.lerobot.Verify] compares everything that a data set says of itself with what
///   its files hold.
///
/// Frames carry features: numbers of a fixed shape, pictures, text, language annotations. Pictures
/// are RGB bytes, rows first, whatever order the files state. Times are seconds.
///
/// Source: huggingface/lerobot v0.6, `datasets/`.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.lerobot;
