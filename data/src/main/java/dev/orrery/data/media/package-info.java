/// Pictures and videos between bytes and [dev.orrery.env.Image].
///
/// - [dev.orrery.data.media.Png]: a fast encoder and decoder for 8-bit RGB, pure Java.
/// - [dev.orrery.data.media.Pictures]: decodes any PNG, JPEG, GIF or BMP.
/// - [dev.orrery.data.media.VideoFile]: frames of a video by number, AV1, H.264, HEVC, VP9, MPEG-4.
/// - [dev.orrery.data.media.VideoWriter]: frames to mp4.
/// - [dev.orrery.data.media.VideoCopy]: joins and cuts videos without decoding them.
///
/// Videos go through FFmpeg, whose natives load on first use; nothing else here needs them.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.media;
