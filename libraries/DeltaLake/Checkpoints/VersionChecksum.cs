using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// The <c>.crc</c> file of a version: totals by which other readers check their replay of the log (PROTOCOL.md, "Version Checksum File").
/// Derived from the state that was replayed anyway. Not flushed: after a power cut a version without one is as good.
/// </summary>
internal static class VersionChecksum
{
    /// <summary>More applications or domains than this are left out, which the protocol allows: the file is written with every commit.</summary>
    private const int MaxListed = 100;

    public static Task<bool> WriteAsync(LogFolder log, TableState state, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(output, ActionWriter.JsonOptions))
            Write(json, state);
        return log.Store.PutIfAbsentAsync(log.ChecksumPath(state.Version), stream => stream.WriteAsync(output.WrittenMemory, cancellationToken).AsTask(), durable: false, cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, TableState state)
    {
        var files = state.Files;
        json.WriteStartObject();
        if (state.LastCommit?.TxnId is { } txnId)
            json.WriteString("txnId", txnId);
        json.WriteNumber("tableSizeBytes", files.Bytes);
        json.WriteNumber("numFiles", files.Count);
        if (Features.IsOn(state.Protocol!, "deletionVectors"))
        {
            json.WriteNumber("numDeletedRecordsOpt", files.DeletedRows);
            json.WriteNumber("numDeletionVectorsOpt", files.DeletionVectors);
        }

        json.WriteNumber("numMetadata", 1);
        json.WriteNumber("numProtocol", 1);
        if (state.UsesInCommitTimestamps && state.LastCommit?.InCommitTimestamp is { } timestamp)
            json.WriteNumber("inCommitTimestampOpt", timestamp);
        if (state.TransactionCount <= MaxListed)
            List(json, "setTransactions", state.Transactions, ActionWriter.WriteTransaction);
        if (state.DomainCount <= MaxListed)
            List(json, "domainMetadata", state.Domains, ActionWriter.WriteDomain);
        json.WriteStartObject("metadata");
        ActionWriter.WriteMetadata(json, state.Metadata!);
        json.WriteEndObject();
        json.WriteStartObject("protocol");
        ActionWriter.WriteProtocol(json, state.Protocol!);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
