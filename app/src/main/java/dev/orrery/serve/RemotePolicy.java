package dev.orrery.serve;

import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.ObservationKeys;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.WireClient;
import dev.orrery.env.Observation;
import dev.orrery.policy.ChunkPolicy;
import java.net.URI;

/// A policy that is asked over a connection. The server draws its noise, so [#reset] changes
/// nothing.
public final class RemotePolicy implements ChunkPolicy, AutoCloseable {

    private final WireClient client;
    private final ObservationKeys keys;
    private final boolean continues;

    private RemotePolicy(WireClient client, ObservationKeys keys) {
        this.client = client;
        this.keys = keys;
        continues = client.metadata().has("rtc") && client.metadata().flag("rtc");
    }

    /// Connects to a server such as `ws://127.0.0.1:8000`.
    ///
    /// @param keys how observations are written
    public static RemotePolicy connect(
            URI server, ObservationKeys keys, WireClient.Options options) {
        return new RemotePolicy(WireClient.connect(server, options), keys);
    }

    /// What the server said about itself.
    public Fields metadata() {
        return client.metadata();
    }

    @Override
    public boolean continues() {
        return continues;
    }

    /// Held actions are sent where the server can continue them.
    @Override
    public float[][] chunk(Observation observation, Held held) {
        var question = keys.write(observation);
        if (continues && held.actions().length > 0) {
            question =
                    question.with(
                            "rtc",
                            Fields.empty()
                                    .with("previous", NdArray.of(held.actions()))
                                    .with("delay", held.frozen()));
        }
        return client.ask(question).array("actions").rows();
    }

    @Override
    public void close() {
        client.close();
    }
}
