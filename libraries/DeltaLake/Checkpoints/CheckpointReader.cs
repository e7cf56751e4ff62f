using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads classic checkpoints of any writer: columns are found by name, absent ones count as null.</summary>
internal static class CheckpointReader
{
    public static async Task<LogCommit> ReadAsync(string table, string path, CancellationToken cancellationToken)
    {
        var commit = new LogCommit();
        await using var reader = await ParquetReader.CreateAsync(path, null, cancellationToken);
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            await ReadGroupAsync(table, commit, new Columns(reader.Schema, group, cancellationToken));
        }

        return commit;
    }

    private static async Task ReadGroupAsync(string table, LogCommit commit, Columns columns)
    {
        var protocolReader = await columns.ValuesAsync<int>("protocol", "minReaderVersion");
        var protocolWriter = await columns.ValuesAsync<int>("protocol", "minWriterVersion");
        var readerFeatures = await columns.ListsAsync("protocol", "readerFeatures");
        var writerFeatures = await columns.ListsAsync("protocol", "writerFeatures");
        var metaId = await columns.TextsAsync("metaData", "id");
        var metaName = await columns.TextsAsync("metaData", "name");
        var metaDescription = await columns.TextsAsync("metaData", "description");
        var metaSchema = await columns.TextsAsync("metaData", "schemaString");
        var metaPartitions = await columns.ListsAsync("metaData", "partitionColumns");
        var metaConfiguration = await columns.MapsAsync("metaData", "configuration");
        var metaCreated = await columns.ValuesAsync<long>("metaData", "createdTime");
        var txnApp = await columns.TextsAsync("txn", "appId");
        var txnVersion = await columns.ValuesAsync<long>("txn", "version");
        var txnUpdated = await columns.ValuesAsync<long>("txn", "lastUpdated");
        var removePath = await columns.TextsAsync("remove", "path");
        var removeTime = await columns.ValuesAsync<long>("remove", "deletionTimestamp");
        var removeValues = await columns.MapsAsync("remove", "partitionValues");
        var removeSize = await columns.ValuesAsync<long>("remove", "size");
        var addPath = await columns.TextsAsync("add", "path");
        var addValues = await columns.MapsAsync("add", "partitionValues");
        var addSize = await columns.ValuesAsync<long>("add", "size");
        var addTime = await columns.ValuesAsync<long>("add", "modificationTime");
        var addStats = await columns.TextsAsync("add", "stats");
        var addRows = await columns.ValuesAsync<long>("add", "stats_parsed", "numRecords");
        var addTags = await columns.MapsAsync("add", "tags");
        var vectors = await columns.TextsAsync("add", "deletionVector", "storageType");

        for (var row = 0; row < columns.RowCount; row++)
        {
            if (protocolReader[row] is { } minReader)
            {
                commit.Protocol = new ProtocolAction(minReader, protocolWriter[row] ?? 0, readerFeatures[row], writerFeatures[row]);
                Features.CheckRead(table, commit.Protocol);
            }

            if (metaId[row] is { } id)
                commit.Metadata = new MetadataAction(id, metaName[row], metaDescription[row], metaSchema[row] ?? "", metaPartitions[row] ?? [], metaConfiguration[row] ?? [], metaCreated[row]);
            if (txnApp[row] is { } app)
                commit.Transactions.Add(new TransactionId(app, txnVersion[row] ?? 0, txnUpdated[row]));
            if (removePath[row] is { } removed)
                commit.Removes.Add(new RemoveFile(PathEncoding.Decode(removed), removeTime[row] ?? 0, false, removeValues[row], removeSize[row]));
            if (addPath[row] is not { } path)
                continue;
            if (vectors[row] is not null)
                throw new DeltaException(table, $"file '{path}' has a deletion vector (feature deletionVectors), which this reader does not apply; use an engine that supports it.");
            var rows = addStats[row] is { } stats ? ActionReader.NumRecords(stats) : addRows[row] ?? -1;
            commit.Adds.Add(new AddFile(PathEncoding.Decode(path), addValues[row] ?? [], addSize[row] ?? 0, addTime[row] ?? 0, false, rows, addStats[row]) { Tags = addTags[row] });
        }
    }

    /// <summary>Leaf columns of a row group as one value a row.</summary>
    private sealed class Columns(ParquetSchema schema, ParquetRowGroupReader group, CancellationToken cancellationToken)
    {
        public int RowCount { get; } = (int)group.RowCount;

        public async Task<T?[]> ValuesAsync<T>(params string[] path)
            where T : struct
        {
            var result = new T?[RowCount];
            if (Find(path) is not { } field)
                return result;
            using var raw = (Parquet.Data.RawColumnData<T>)await group.ReadRawColumnDataBaseAsync(field, cancellationToken);
            var at = 0;
            for (var row = 0; row < RowCount; row++)
            {
                if (field.MaxDefinitionLevel == 0 || raw.DefinitionLevels[row] == field.MaxDefinitionLevel)
                    result[row] = raw.Values[at++];
            }

            return result;
        }

        public async Task<string?[]> TextsAsync(params string[] path)
        {
            var values = await ValuesAsync<ReadOnlyMemory<char>>(path);
            return [.. values.Select(value => value?.ToString())];
        }

        public async Task<List<string>?[]> ListsAsync(params string[] path)
        {
            var result = new List<string>?[RowCount];
            if (Leaf(path, _ => true) is not { } field)
                return result;
            foreach (var (row, definition, value) in await EntriesAsync(field))
            {
                if (definition < field.MaxDefinitionLevel - 2 + (field.IsNullable ? 0 : 1))
                    continue;
                result[row] ??= [];
                if (value is not null)
                    result[row]!.Add(value);
            }

            return result;
        }

        public async Task<Dictionary<string, string?>?[]> MapsAsync(params string[] path)
        {
            var result = new Dictionary<string, string?>?[RowCount];
            if (Leaf(path, name => name == "key") is not { } keyField || Leaf(path, name => name == "value") is not { } valueField)
                return result;
            var keys = await EntriesAsync(keyField);
            var values = await EntriesAsync(valueField);
            for (var i = 0; i < keys.Count; i++)
            {
                var (row, definition, key) = keys[i];
                // One below the repeated group: the map is there and empty.
                if (definition < keyField.MaxDefinitionLevel - 1)
                    continue;
                result[row] ??= new(StringComparer.Ordinal);
                if (key is not null)
                    result[row]![key] = values[i].Value is { Length: > 0 } value ? value : null;
            }

            return result;
        }

        private async Task<List<(int Row, int Definition, string? Value)>> EntriesAsync(DataField field)
        {
            using var raw = (Parquet.Data.RawColumnData<ReadOnlyMemory<char>>)await group.ReadRawColumnDataBaseAsync(field, cancellationToken);
            var result = new List<(int, int, string?)>();
            int row = -1, at = 0;
            for (var i = 0; i < raw.DefinitionLevels.Length; i++)
            {
                if (raw.RepetitionLevels[i] == 0)
                    row++;
                var definition = raw.DefinitionLevels[i];
                result.Add((row, definition, definition == field.MaxDefinitionLevel ? raw.Values[at++].ToString() : null));
            }

            return result;
        }

        private DataField? Find(string[] path) => schema.DataFields.FirstOrDefault(field => field.Path.ToList().SequenceEqual(path));

        private DataField? Leaf(string[] path, Func<string, bool> last) => schema.DataFields.FirstOrDefault(field =>
            field.Path.ToList() is var names && names.Count > path.Length && names.Take(path.Length).SequenceEqual(path) && last(names[^1]));
    }
}
