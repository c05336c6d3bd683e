/// What robots and policies say to each other: openpi's protocol, without openpi, and OpenVLA's.
///
/// openpi: one WebSocket carries MessagePack with NumPy arrays in it. The server speaks first, with
/// its metadata; then every binary message is a question and gets one answer. An error is a text
/// message, after which the server closes with code 1011.
///
/// - [Value]: what a message can hold; [MsgPack] writes and reads it, within bounds.
/// - [NdArray]: a NumPy array as bytes, with its type and shape.
/// - [ObservationKeys]: which entry of a message is which part of an [dev.orrery.env.Observation].
/// - [WireClient]: asks a server, ours or openpi's.
/// - [JsonNumpy] writes and reads the same values as JSON; [ActClient] asks `POST /act`, ours or
///   OpenVLA's.
/// - [RefusedException]: a question that was understood and declined, by name.
///
/// ```java
/// try (var policy = WireClient.connect(URI.create("ws://127.0.0.1:8000"))) {
///     var answer = policy.ask(keys.write(observation));
///     float[][] actions = answer.array("actions").rows();
/// }
/// ```
///
/// Everything that comes in from outside is checked: sizes before anything is allocated, depth,
/// types, shapes. What does not fit is a [WireException] that names the place.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.wire;
