/// The part of Apache Parquet that robot data sets use, read and written without natives of its own
/// or Hadoop.
///
/// - [dev.orrery.data.parquet.ParquetFile] opens a file and reads any leaf column of any row group,
///   independently and from any thread: data pages v1 and v2; plain, dictionary, run-length, delta
///   and byte-stream-split encodings; Snappy, GZIP and ZSTD; nested lists and structs.
/// - [dev.orrery.data.parquet.ParquetWriter] writes Snappy-compressed v1 pages with dictionaries
///   and checksums, one row group at a time; the file appears under its name only when closed.
/// - [dev.orrery.data.parquet.ParquetSalvage] rescues the complete row groups of a file whose
///   footer was never written.
///
/// Sizes that a file claims are checked against the bytes that it has before anything is allocated;
/// whatever is wrong with a file ends in a [dev.orrery.data.DatasetException].
///
/// Source: the Parquet format specification, apache/parquet-format.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.parquet;
