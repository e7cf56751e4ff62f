using Parquet;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads checkpoints of any writer: classic, multi-part and V2, in Parquet or JSON, with file actions inline or in sidecars.</summary>
internal sealed class CheckpointReader(LogFolder log)
{
    private static readonly IReadOnlyDictionary<string, string?> s_none = new Dictionary<string, string?>();

    /// <summary>
    /// Whether a fault while a checkpoint was read says that it is torn, damaged or of an unknown form. Any but a cancellation does: bytes that
    /// are no Parquet lead its reader into faults of every kind, and the log before the checkpoint says the same.
    /// </summary>
    public static bool IsDamage(Exception exception) => exception is not OperationCanceledException;

    /// <summary>The actions of a checkpoint, its sidecars included.</summary>
    public async Task<IReadOnlyList<LogCommit>> ReadAsync(CheckpointFiles checkpoint, CancellationToken cancellationToken)
    {
        var parts = new List<LogCommit>(await ReadAllAsync([.. checkpoint.Paths], cancellationToken));
        var sidecars = parts.SelectMany(part => part.Sidecars).Select(sidecar => log.SidecarPath(sidecar.Path)).ToList();
        parts.AddRange(await ReadAllAsync(sidecars, cancellationToken));
        return parts;
    }

    /// <summary>The actions of one file.</summary>
    public async Task<LogCommit> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
            return ReadJson(path, (await log.Store.ReadAsync(path, cancellationToken) ?? throw Absent()).Content);
        try
        {
            return await ReadParquetAsync(async token => await log.Store.OpenReadAsync(path, token) ?? throw Absent(), cancellationToken);
        }
        catch (NotImplementedException)
        {
            // Parquet.Net's answer to data pages of version 2.
            var file = PageVersions.Lower((await log.Store.ReadAsync(path, cancellationToken) ?? throw Absent()).Content);
            return await ReadParquetAsync(_ => Task.FromResult<Stream>(new MemoryStream(file, writable: false)), cancellationToken);
        }

        FileNotFoundException Absent() => new($"file '{path}' is missing");
    }

    private static async Task<LogCommit> ReadParquetAsync(Func<CancellationToken, Task<Stream>> openAsync, CancellationToken cancellationToken)
    {
        var commit = new LogCommit();
        await using var stream = await openAsync(cancellationToken);
        await using var reader = await ParquetReader.CreateAsync(stream, null, true, cancellationToken);
        await ReadGroupAsync(commit, reader, 0, cancellationToken);
        if (reader.RowGroupCount <= 1)
            return commit;
        // Decoding is processor work: the other groups are shared out, each with a stream of its own.
        var others = new LogCommit[reader.RowGroupCount - 1];
        await Parallel.ForAsync(0, others.Length, Cores(cancellationToken), async (i, token) =>
        {
            await using var part = await openAsync(token);
            await using var partReader = await ParquetReader.CreateAsync(part, null, true, token);
            await ReadGroupAsync(others[i] = new LogCommit(), partReader, i + 1, token);
        });
        foreach (var other in others)
            commit.Append(other);
        return commit;
    }

    private LogCommit ReadJson(string path, ReadOnlyMemory<byte> content)
    {
        try
        {
            return ActionReader.Read(log.Table, -1, content);
        }
        catch (DeltaException exception)
        {
            throw new InvalidDataException($"checkpoint '{path}' is torn: {exception.Message}", exception);
        }
    }

    private async Task<LogCommit[]> ReadAllAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var result = new LogCommit[paths.Count];
        // Decoding is processor work: one file a core.
        await Parallel.ForAsync(0, paths.Count, Cores(cancellationToken), async (i, token) => result[i] = await ReadFileAsync(paths[i], token));
        return result;
    }

    private static ParallelOptions Cores(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };

    private static async Task ReadGroupAsync(LogCommit commit, ParquetReader reader, int index, CancellationToken cancellationToken)
    {
        if (index >= reader.RowGroupCount)
            return;
        using var group = reader.OpenRowGroupReader(index);
        var columns = new ParquetColumns(ParquetColumns.LeavesOf(reader), group, cancellationToken);
        await ReadTableAsync(commit, columns);
        await ReadOthersAsync(commit, columns);
        await ReadRemovesAsync(commit, columns);
        await ReadAddsAsync(commit, columns);
    }

    private static async Task ReadTableAsync(LogCommit commit, ParquetColumns columns)
    {
        var minReader = await columns.NumbersAsync("protocol", "minReaderVersion");
        var minWriter = await columns.NumbersAsync("protocol", "minWriterVersion");
        var id = await columns.TextsAsync("metaData", "id");
        if (minReader.Items is not null)
        {
            var readerFeatures = await columns.ListsAsync("protocol", "readerFeatures");
            var writerFeatures = await columns.ListsAsync("protocol", "writerFeatures");
            for (var row = 0; row < columns.RowCount; row++)
            {
                if (minReader[row] is { } version)
                    commit.Protocol = new ProtocolAction((int)version, (int)(minWriter[row] ?? 0), readerFeatures?[row], writerFeatures?[row]);
            }
        }

        if (id.Items is null)
            return;
        var name = await columns.TextsAsync("metaData", "name");
        var description = await columns.TextsAsync("metaData", "description");
        var schema = await columns.TextsAsync("metaData", "schemaString");
        var partitions = await columns.ListsAsync("metaData", "partitionColumns");
        var configuration = await columns.MapsAsync("metaData", "configuration");
        var created = await columns.NumbersAsync("metaData", "createdTime");
        for (var row = 0; row < columns.RowCount; row++)
        {
            if (id[row] is { } text)
                commit.Metadata = new MetadataAction(text, name[row], description[row], schema[row] ?? "", partitions?[row] ?? [], configuration?[row] ?? s_none, created[row]);
        }
    }

    private static async Task ReadOthersAsync(LogCommit commit, ParquetColumns columns)
    {
        var app = await columns.TextsAsync("txn", "appId");
        var version = await columns.NumbersAsync("txn", "version");
        var updated = await columns.NumbersAsync("txn", "lastUpdated");
        var domain = await columns.TextsAsync("domainMetadata", "domain");
        var configuration = await columns.TextsAsync("domainMetadata", "configuration");
        var removed = await columns.FlagsAsync("domainMetadata", "removed");
        var sidecar = await columns.TextsAsync("sidecar", "path");
        var size = await columns.NumbersAsync("sidecar", "sizeInBytes");
        var time = await columns.NumbersAsync("sidecar", "modificationTime");
        for (var row = 0; row < columns.RowCount; row++)
        {
            if (app[row] is { } appId)
                commit.Transactions.Add(new TransactionId(appId, version[row] ?? 0, updated[row]));
            if (domain[row] is { } named)
                commit.Domains.Add(new DomainMetadata(named, configuration[row] ?? "", removed[row] ?? false));
            if (sidecar[row] is { } path)
                commit.Sidecars.Add(new SidecarFile(PathEncoding.Decode(path), size[row] ?? 0, time[row] ?? 0));
        }
    }

    private static async Task ReadRemovesAsync(LogCommit commit, ParquetColumns columns)
    {
        var path = await columns.TextsAsync("remove", "path");
        if (path.Items is null)
            return;
        var time = await columns.NumbersAsync("remove", "deletionTimestamp");
        var values = await columns.MapsAsync("remove", "partitionValues");
        var size = await columns.NumbersAsync("remove", "size");
        var baseRowId = await columns.NumbersAsync("remove", "baseRowId");
        var rowVersion = await columns.NumbersAsync("remove", "defaultRowCommitVersion");
        var vectors = await VectorsAsync(columns, "remove");
        for (var row = 0; row < columns.RowCount; row++)
        {
            if (path[row] is { } text)
                commit.Removes.Add(new RemoveFile(PathEncoding.Decode(text), time[row] ?? 0, false, values?[row], size[row]) { DeletionVector = vectors?[row], BaseRowId = baseRowId[row], DefaultRowCommitVersion = rowVersion[row] });
        }
    }

    private static async Task ReadAddsAsync(LogCommit commit, ParquetColumns columns)
    {
        var path = await columns.TextsAsync("add", "path");
        if (path.Items is null)
            return;
        var values = await columns.MapsAsync("add", "partitionValues");
        var parsedValues = values is null ? await ParsedValuesAsync(columns) : null;
        var size = await columns.NumbersAsync("add", "size");
        var time = await columns.NumbersAsync("add", "modificationTime");
        var stats = await columns.TextsAsync("add", "stats");
        var needsParsed = stats.Items is null || path.Items.Zip(stats.Items).Any(pair => pair is { First: not null, Second: null });
        var parsed = needsParsed ? await ParsedStatistics.ReadAsync(columns) : null;
        var tags = await columns.MapsAsync("add", "tags");
        var baseRowId = await columns.NumbersAsync("add", "baseRowId");
        var rowVersion = await columns.NumbersAsync("add", "defaultRowCommitVersion");
        var clustering = await columns.TextsAsync("add", "clusteringProvider");
        var vectors = await VectorsAsync(columns, "add");
        commit.Adds.EnsureCapacity(commit.Adds.Count + columns.RowCount);
        for (var row = 0; row < columns.RowCount; row++)
        {
            if (path[row] is not { } text)
                continue;
            var utf8 = stats.Items?[row] ?? default;
            var json = utf8.IsEmpty ? parsed?.Json(row) : null;
            var rows = json is null ? ActionReader.NumRecords(utf8.Span) : ActionReader.NumRecords(json);
            commit.Adds.Add(new AddFile(PathEncoding.Decode(text), values?[row] ?? parsedValues?.Invoke(row) ?? s_none, size[row] ?? 0, time[row] ?? 0, false, rows, json)
            {
                Utf8Stats = utf8,
                Tags = tags?[row],
                DeletionVector = vectors?[row],
                BaseRowId = baseRowId[row],
                DefaultRowCommitVersion = rowVersion[row],
                ClusteringProvider = clustering[row],
            });
        }
    }

    private static async Task<DeletionVectorDescriptor?[]?> VectorsAsync(ParquetColumns columns, string action)
    {
        var type = await columns.TextsAsync(action, "deletionVector", "storageType");
        if (type.Items is null)
            return null;
        var path = await columns.TextsAsync(action, "deletionVector", "pathOrInlineDv");
        var offset = await columns.NumbersAsync(action, "deletionVector", "offset");
        var size = await columns.NumbersAsync(action, "deletionVector", "sizeInBytes");
        var cardinality = await columns.NumbersAsync(action, "deletionVector", "cardinality");
        var result = new DeletionVectorDescriptor?[columns.RowCount];
        for (var row = 0; row < result.Length; row++)
        {
            if (type[row] is { } storage)
                result[row] = new DeletionVectorDescriptor(storage, path[row] ?? "", (int?)offset[row], (int)(size[row] ?? 0), cardinality[row] ?? 0);
        }

        return result;
    }

    /// <summary>Partition values of a checkpoint that holds them only as a struct.</summary>
    private static async Task<Func<int, IReadOnlyDictionary<string, string?>>?> ParsedValuesAsync(ParquetColumns columns)
    {
        var texts = new List<(string Name, string?[]? Values)>();
        foreach (var leaf in columns.Under("add", "partitionValues_parsed"))
            texts.Add((leaf.Path[^1], await ParsedColumn.PlainAsync(columns, leaf)));
        return texts.Count == 0 ? null : row => texts.ToDictionary(item => item.Name, item => item.Values?[row] is { Length: > 0 } text ? text : null, StringComparer.Ordinal);
    }
}
