package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Writes a data set of one split, `train`, episode by episode, in the folder `NAME/VERSION`.
///
/// It is written beside its place, as `VERSION.partial`, and moved there by [#close].
public final class RldsWriter implements Closeable {

    private static final long SHARD_BYTES = 256L << 20;
    private static final String SPLIT = "train";

    private final Path root, work;
    private final String name;
    private final RldsFeatures features;
    private final ObjectNode metadata;
    private final List<Integer> shards = new ArrayList<>();
    private Optional<TfRecords.Writer> open = Optional.empty();
    private long bytesInShard, bytes;
    private boolean closed;

    private RldsWriter(
            Path root, Path work, String name, RldsFeatures features, ObjectNode metadata) {
        this.root = root;
        this.work = work;
        this.name = name;
        this.features = features;
        this.metadata = metadata;
    }

    /// Begins a data set.
    ///
    /// @param parent the folder in which `NAME/VERSION` is made
    /// @param metadata further facts, such as frames a second
    /// @throws IllegalArgumentException if it exists already
    /// @throws DatasetException if it cannot be created
    public static RldsWriter create(
            Path parent, String name, String version, RldsFeatures features, ObjectNode metadata) {
        RldsDataset.checkPart(name);
        RldsDataset.checkPart(version);
        var root = parent.resolve(name).resolve(version);
        var work = root.resolveSibling(version + ".partial");
        if (Files.exists(root) || Files.exists(work)) {
            throw new IllegalArgumentException(
                    "%s or %s exists already; choose another folder".formatted(root, work));
        }
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw DatasetException.at(work, "cannot be created", e);
        }
        return new RldsWriter(root, work, name, features, metadata);
    }

    /// Adds an episode.
    ///
    /// @throws DatasetException if it does not fit the features, or the disk is full
    public void add(Example episode) {
        RldsEpisode.of(features, episode);
        var record = episode.toBytes();
        if (open.isPresent() && bytesInShard + record.length > SHARD_BYTES) endShard();
        if (open.isEmpty()) {
            open = Optional.of(TfRecords.Writer.create(unfinished(shards.size())));
            shards.add(0);
        }
        open.get().add(record);
        bytesInShard += record.length;
        bytes += record.length;
        shards.set(shards.size() - 1, shards.getLast() + 1);
    }

    private void endShard() {
        open.ifPresent(TfRecords.Writer::close);
        open = Optional.empty();
        bytesInShard = 0;
    }

    private Path unfinished(int shard) {
        return work.resolve("shard-%05d".formatted(shard));
    }

    /// The folder of the version.
    public Path root() {
        return root;
    }

    /// Finishes the data set.
    ///
    /// @throws DatasetException if the disk is full or fails
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        endShard();
        try {
            for (int s = 0; s < shards.size(); s++) {
                Files.move(
                        unfinished(s),
                        work.resolve(RldsDataset.file(name, SPLIT, s, shards.size())));
            }
            json(RldsDataset.FEATURES, features.toJson());
            json(RldsDataset.METADATA, metadata);
            json(RldsDataset.INFO, info());
            Files.move(work, root);
        } catch (IOException e) {
            throw DatasetException.at(root, "cannot be finished", e);
        }
    }

    private ObjectNode info() {
        var info = RldsDataset.JSON.createObjectNode();
        info.put("name", name).put("version", root.getFileName().toString());
        info.put("fileFormat", "tfrecord");
        var split = info.putArray("splits").addObject();
        split.put("name", SPLIT).put("numBytes", Long.toString(bytes));
        split.put("filepathTemplate", "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}");
        var lengths = split.putArray("shardLengths");
        shards.forEach(n -> lengths.add(Integer.toString(n)));
        return info;
    }

    private void json(String file, ObjectNode node) throws IOException {
        Files.write(
                work.resolve(file),
                RldsDataset.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
    }

    /// Gives the data set up and deletes what was written of it.
    public void discard() {
        if (closed) return;
        closed = true;
        endShard();
        try (var files = Files.list(work)) {
            for (var file : files.toList()) Files.delete(file);
            Files.delete(work);
        } catch (IOException e) {
            throw DatasetException.at(work, "cannot be deleted", e);
        }
    }
}
