using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes commit files. Absent values are left out: some readers reject explicit nulls.</summary>
internal static class ActionWriter
{
    public static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(LogCommit commit)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(output, JsonOptions);
        if (commit.CheckpointVersion is { } checkpoint)
            Line(output, writer, "checkpointMetadata", checkpoint, (json, version) => json.WriteNumber("version", version));
        if (commit.Info is { } info)
            Line(output, writer, "commitInfo", info, WriteInfo);
        if (commit.Protocol is { } protocol)
            Line(output, writer, "protocol", protocol, WriteProtocol);
        if (commit.Metadata is { } metadata)
            Line(output, writer, "metaData", metadata, WriteMetadata);
        foreach (var item in commit.Transactions)
            Line(output, writer, "txn", item, WriteTransaction);
        foreach (var item in commit.Domains)
            Line(output, writer, "domainMetadata", item, WriteDomain);
        foreach (var item in commit.Removes)
            Line(output, writer, "remove", item, WriteRemove);
        foreach (var item in commit.Adds)
            Line(output, writer, "add", item, WriteAdd);
        foreach (var item in commit.Changes)
            Line(output, writer, "cdc", item, WriteChange);
        foreach (var item in commit.Sidecars)
            Line(output, writer, "sidecar", item, WriteSidecar);
        return output.WrittenMemory;
    }

    private static void Line<T>(ArrayBufferWriter<byte> output, Utf8JsonWriter writer, string name, T action, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(name);
        write(writer, action);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset(output);
        output.Write("\n"u8);
    }

    private static void WriteInfo(Utf8JsonWriter writer, CommitInfo info)
    {
        if (info.InCommitTimestamp is { } inCommit)
            writer.WriteNumber("inCommitTimestamp", inCommit);
        writer.WriteNumber("timestamp", info.Timestamp ?? 0);
        writer.WriteString("operation", info.Operation);
        Map(writer, "operationParameters", info.OperationParameters);
        if (info.ReadVersion is { } readVersion)
            writer.WriteNumber("readVersion", readVersion);
        writer.WriteString("isolationLevel", info.IsolationLevel ?? "Serializable");
        writer.WriteBoolean("isBlindAppend", info.IsBlindAppend);
        Map(writer, "operationMetrics", info.OperationMetrics);
        writer.WriteString("engineInfo", info.EngineInfo);
        writer.WriteString("txnId", info.TxnId);
        if (info.Tags.Count > 0)
            Map(writer, "tags", info.Tags);
        if (info.UserMetadata is { } userMetadata)
            writer.WriteString("userMetadata", userMetadata);
    }

    public static void WriteProtocol(Utf8JsonWriter writer, ProtocolAction protocol)
    {
        writer.WriteNumber("minReaderVersion", protocol.MinReaderVersion);
        writer.WriteNumber("minWriterVersion", protocol.MinWriterVersion);
        if (protocol.ReaderFeatures is { } reader)
            Strings(writer, "readerFeatures", reader);
        if (protocol.WriterFeatures is { } features)
            Strings(writer, "writerFeatures", features);
    }

    public static void WriteMetadata(Utf8JsonWriter writer, MetadataAction metadata)
    {
        writer.WriteString("id", metadata.Id);
        if (metadata.Name is not null)
            writer.WriteString("name", metadata.Name);
        if (metadata.Description is not null)
            writer.WriteString("description", metadata.Description);
        writer.WriteStartObject("format");
        writer.WriteString("provider", "parquet");
        writer.WriteStartObject("options");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("schemaString", metadata.SchemaString);
        Strings(writer, "partitionColumns", metadata.PartitionColumns);
        NullableMap(writer, "configuration", metadata.Configuration);
        if (metadata.CreatedTime is { } created)
            writer.WriteNumber("createdTime", created);
    }

    public static void WriteTransaction(Utf8JsonWriter writer, TransactionId item)
    {
        writer.WriteString("appId", item.AppId);
        writer.WriteNumber("version", item.Version);
        if (item.LastUpdated is { } updated)
            writer.WriteNumber("lastUpdated", updated);
    }

    private static void WriteRemove(Utf8JsonWriter writer, RemoveFile item)
    {
        writer.WriteString("path", PathEncoding.Encode(item.Path));
        writer.WriteNumber("deletionTimestamp", item.DeletionTimestamp);
        writer.WriteBoolean("dataChange", item.DataChange);
        writer.WriteBoolean("extendedFileMetadata", item.PartitionValues is not null && item.Size is not null);
        if (item.PartitionValues is { } values)
            NullableMap(writer, "partitionValues", values);
        if (item.Size is { } size)
            writer.WriteNumber("size", size);
        WriteVector(writer, item.DeletionVector);
        WriteRowIds(writer, item.BaseRowId, item.DefaultRowCommitVersion);
    }

    private static void WriteAdd(Utf8JsonWriter writer, AddFile file)
    {
        writer.WriteString("path", PathEncoding.Encode(file.Path));
        NullableMap(writer, "partitionValues", file.PartitionValues);
        writer.WriteNumber("size", file.Size);
        writer.WriteNumber("modificationTime", file.ModificationTime);
        writer.WriteBoolean("dataChange", file.DataChange);
        if (file.Stats is not null)
            writer.WriteString("stats", file.Stats);
        if (file.Tags is not null)
            NullableMap(writer, "tags", file.Tags);
        WriteVector(writer, file.DeletionVector);
        WriteRowIds(writer, file.BaseRowId, file.DefaultRowCommitVersion);
        if (file.ClusteringProvider is { } provider)
            writer.WriteString("clusteringProvider", provider);
    }

    private static void WriteChange(Utf8JsonWriter writer, CdcFile file)
    {
        writer.WriteString("path", PathEncoding.Encode(file.Path));
        NullableMap(writer, "partitionValues", file.PartitionValues);
        writer.WriteNumber("size", file.Size);
        writer.WriteBoolean("dataChange", false);
    }

    private static void WriteSidecar(Utf8JsonWriter writer, SidecarFile item)
    {
        writer.WriteString("path", PathEncoding.Encode(item.Path));
        writer.WriteNumber("sizeInBytes", item.SizeInBytes);
        writer.WriteNumber("modificationTime", item.ModificationTime);
    }

    public static void WriteDomain(Utf8JsonWriter writer, DomainMetadata item)
    {
        writer.WriteString("domain", item.Domain);
        writer.WriteString("configuration", item.Configuration);
        writer.WriteBoolean("removed", item.Removed);
    }

    private static void WriteVector(Utf8JsonWriter writer, DeletionVectorDescriptor? vector)
    {
        if (vector is null)
            return;
        writer.WriteStartObject("deletionVector");
        writer.WriteString("storageType", vector.StorageType);
        writer.WriteString("pathOrInlineDv", vector.PathOrInlineDv);
        if (vector.Offset is { } offset)
            writer.WriteNumber("offset", offset);
        writer.WriteNumber("sizeInBytes", vector.SizeInBytes);
        writer.WriteNumber("cardinality", vector.Cardinality);
        writer.WriteEndObject();
    }

    private static void WriteRowIds(Utf8JsonWriter writer, long? baseRowId, long? defaultRowCommitVersion)
    {
        if (baseRowId is { } id)
            writer.WriteNumber("baseRowId", id);
        if (defaultRowCommitVersion is { } version)
            writer.WriteNumber("defaultRowCommitVersion", version);
    }

    private static void Strings(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static void NullableMap(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string?> map)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }
}
