using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Writes checkpoints: protocol, metadata, applications, domains, unexpired tombstones, live files. In one Parquet file; or, where the
/// table asks for V2 checkpoints, in a JSON file with the file actions in sidecars. Memory is bounded by a row group.
/// </summary>
internal sealed class CheckpointWriter(LogFolder log, DeltaTableOptions options, TimeProvider time)
{
    private const int RowsPerGroup = 50_000;
    private const int ActionsPerSidecar = 200_000;

    public async Task WriteAsync(TableState state, Snapshot snapshot, CancellationToken cancellationToken)
    {
        state.ExpireTombstones((time.GetUtcNow() - LogProperties.DeletedFileRetention(log.Table, snapshot.Configuration)).ToUnixTimeMilliseconds());
        var isV2 = TableProperties.Text(snapshot.Configuration, TableProperties.CheckpointPolicy) == "v2" && Features.IsOn(snapshot.Protocol, "v2Checkpoint");
        var (path, size) = isV2 ? await WriteV2Async(state, snapshot, cancellationToken) : await WriteClassicAsync(state, snapshot, cancellationToken);
        await WriteHintAsync(snapshot, path, size, isV2, Others(state).Count() + state.Tombstones.Count() + snapshot.Files.Count, cancellationToken);
    }

    private static IEnumerable<object> Others(TableState state) =>
        [state.Protocol!, state.Metadata!, .. state.Transactions, .. state.Domains];

    private async Task<(string Path, long Size)> WriteClassicAsync(TableState state, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var path = log.CheckpointPath(snapshot.Version);
        return (path, await PutParquetAsync(path, CheckpointSchema.Classic(snapshot), [.. Others(state), .. state.Tombstones, .. snapshot.Files], cancellationToken));
    }

    private async Task<(string Path, long Size)> WriteV2Async(TableState state, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var top = new LogCommit { Protocol = state.Protocol, Metadata = state.Metadata, CheckpointVersion = snapshot.Version };
        top.Transactions.AddRange(state.Transactions);
        top.Domains.AddRange(state.Domains);
        foreach (var actions in state.Tombstones.Concat<object>(snapshot.Files).Chunk(ActionsPerSidecar))
        {
            var name = $"{options.NewId():D}.parquet";
            var sidecar = log.SidecarPath(name);
            var size = await PutParquetAsync(sidecar, CheckpointSchema.Sidecar(snapshot), actions, cancellationToken);
            top.Sidecars.Add(new SidecarFile(name, size, await TimeOfAsync(sidecar, cancellationToken)));
        }

        var path = log.CheckpointPath(snapshot.Version, options.NewId());
        var content = ActionWriter.Write(top);
        await log.Store.PutIfAbsentAsync(path, content, cancellationToken);
        return (path, content.Length);
    }

    /// <summary>Puts a file and tells its size; one that is there already was made from the same log and stays.</summary>
    private async Task<long> PutParquetAsync(string path, IReadOnlyList<CheckpointColumn> columns, IReadOnlyList<object> actions, CancellationToken cancellationToken)
    {
        await log.Store.PutIfAbsentAsync(path, stream => WriteParquetAsync(stream, columns, actions, cancellationToken), durable: true, cancellationToken);
        return await log.Store.DescribeAsync(path, cancellationToken) is var (size, _) ? size : 0;
    }

    private async Task<long> TimeOfAsync(string path, CancellationToken cancellationToken) =>
        await log.Store.DescribeAsync(path, cancellationToken) is var (_, time) ? time : 0;

    private static async Task WriteParquetAsync(Stream output, IReadOnlyList<CheckpointColumn> columns, IReadOnlyList<object> actions, CancellationToken cancellationToken)
    {
        var parquet = new ParquetOptions { CompressionMethod = CompressionMethod.Snappy };
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(column => column.Field)), output, parquet, false, cancellationToken);
        for (var first = 0; first < actions.Count || first == 0; first += RowsPerGroup)
        {
            for (var i = first; i < Math.Min(actions.Count, first + RowsPerGroup); i++)
            {
                foreach (var column in columns)
                    column.Append(actions[i]);
            }

            using var group = writer.CreateRowGroup();
            foreach (var column in columns)
                await column.WriteAsync(group, cancellationToken);
        }
    }

    private async Task WriteHintAsync(Snapshot snapshot, string path, long size, bool isV2, long actions, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("version", snapshot.Version);
            json.WriteNumber("size", actions);
            json.WriteNumber("sizeInBytes", size);
            json.WriteNumber("numOfAddFiles", snapshot.Files.Count);
            if (isV2)
            {
                json.WriteStartObject("v2Checkpoint");
                json.WriteString("path", Path.GetFileName(path));
                json.WriteNumber("sizeInBytes", size);
                json.WriteNumber("modificationTime", await TimeOfAsync(path, cancellationToken));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        await log.Store.ReplaceAsync(log.LastCheckpointPath, output.ToArray(), cancellationToken);
    }
}
