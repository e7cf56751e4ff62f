using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes classic single-part checkpoints: protocol, metadata, applications, unexpired tombstones, live files.</summary>
internal sealed class CheckpointWriter(LogFolder log, DeltaTableOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_tombstoneRetention = TimeSpan.FromDays(7);

    public async Task WriteAsync(TableState state, Snapshot snapshot, CancellationToken cancellationToken)
    {
        state.ExpireTombstones((time.GetUtcNow() - s_tombstoneRetention).ToUnixTimeMilliseconds());
        var transactions = state.Transactions.OrderBy(item => item.AppId, StringComparer.Ordinal).ToList();
        var removes = state.Tombstones.ToList();
        using var output = new MemoryStream();
        await WriteParquetAsync(output, snapshot, transactions, removes, cancellationToken);
        var content = output.GetBuffer().AsMemory(0, (int)output.Length);
        // A checkpoint is never replaced: one that exists was made from the same log.
        DurableFiles.PutIfAbsent(log.CheckpointPath(snapshot.Version), log.TemporaryPath(options.NewId()), content.Span);
        var hint = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, long>
        {
            ["version"] = snapshot.Version,
            ["size"] = 2 + transactions.Count + removes.Count + snapshot.Files.Count,
            ["sizeInBytes"] = content.Length,
            ["numOfAddFiles"] = snapshot.Files.Count,
        });
        DurableFiles.Replace(log.LastCheckpointPath, log.TemporaryPath(options.NewId()), hint);
    }

    private static async Task WriteParquetAsync(Stream output, Snapshot snapshot, List<TransactionId> transactions, List<RemoveFile> removes, CancellationToken cancellationToken)
    {
        var schema = new CheckpointSchema();
        var layout = new Layout(2 + transactions.Count + removes.Count + snapshot.Files.Count);
        // Rows: protocol, metaData, txn..., remove..., add...
        layout.At(0);
        var protocol = new[] { snapshot.Protocol };
        layout.Numbers(schema.ProtocolReader, protocol, item => item.MinReaderVersion);
        layout.Numbers(schema.ProtocolWriter, protocol, item => item.MinWriterVersion);
        layout.Lists(schema.ProtocolReaderFeatures, protocol, item => item.ReaderFeatures, 1);
        layout.Lists(schema.ProtocolWriterFeatures, protocol, item => item.WriterFeatures, 1);
        layout.At(1);
        var metadata = new[] { snapshot.Metadata! };
        layout.Texts(schema.MetaId, metadata, item => item.Id);
        layout.Texts(schema.MetaName, metadata, item => item.Name);
        layout.Texts(schema.MetaDescription, metadata, item => item.Description);
        layout.Texts(schema.MetaProvider, metadata, _ => "parquet");
        layout.Maps(schema.MetaOptions, metadata, _ => new Dictionary<string, string?>(), 2);
        layout.Texts(schema.MetaSchema, metadata, item => item.SchemaString);
        layout.Lists(schema.MetaPartitionColumns, metadata, item => item.PartitionColumns, 1);
        layout.Maps(schema.MetaConfiguration, metadata, item => item.Configuration, 1);
        layout.Longs(schema.MetaCreatedTime, metadata, item => item.CreatedTime);
        layout.At(2);
        layout.Texts(schema.TxnAppId, transactions, item => item.AppId);
        layout.Longs(schema.TxnVersion, transactions, item => item.Version);
        layout.Longs(schema.TxnLastUpdated, transactions, item => item.LastUpdated);
        layout.At(2 + transactions.Count);
        layout.Texts(schema.RemovePath, removes, item => PathEncoding.Encode(item.Path));
        layout.Longs(schema.RemoveDeletionTimestamp, removes, item => item.DeletionTimestamp);
        layout.Flags(schema.RemoveDataChange, removes, item => item.DataChange);
        layout.Flags(schema.RemoveExtended, removes, item => item.PartitionValues is not null && item.Size is not null);
        layout.Maps(schema.RemovePartitionValues, removes, item => item.PartitionValues, 1);
        layout.Longs(schema.RemoveSize, removes, item => item.Size);
        layout.At(2 + transactions.Count + removes.Count);
        layout.Texts(schema.AddPath, snapshot.Files, item => PathEncoding.Encode(item.Path));
        layout.Maps(schema.AddPartitionValues, snapshot.Files, item => item.PartitionValues, 1);
        layout.Longs(schema.AddSize, snapshot.Files, item => item.Size);
        layout.Longs(schema.AddModificationTime, snapshot.Files, item => item.ModificationTime);
        // A checkpoint tells the state, not a change.
        layout.Flags(schema.AddDataChange, snapshot.Files, _ => false);
        layout.Maps(schema.AddTags, snapshot.Files, item => item.Tags, 1);
        layout.Texts(schema.AddStats, snapshot.Files, item => item.Stats);

        var parquet = new ParquetOptions { CompressionMethod = CompressionMethod.Snappy };
        await using var writer = await ParquetWriter.CreateAsync(schema.Schema, output, parquet, false, cancellationToken);
        using var group = writer.CreateRowGroup();
        foreach (var field in schema.Schema.DataFields)
            await layout.Columns[field].WriteAsync(group, cancellationToken);
    }

    /// <summary>Places the values of one kind of action at its rows; every other row of the column is absent.</summary>
    private sealed class Layout(int rows)
    {
        private int _first;

        public Dictionary<DataField, INestedColumn> Columns { get; } = new(ReferenceEqualityComparer.Instance);

        public void At(int first) => _first = first;

        public void Numbers<TItem>(DataField field, IReadOnlyList<TItem> items, Func<TItem, int?> get) => Fill<TItem, int>(field, items, get);

        public void Longs<TItem>(DataField field, IReadOnlyList<TItem> items, Func<TItem, long?> get) => Fill<TItem, long>(field, items, get);

        public void Flags<TItem>(DataField field, IReadOnlyList<TItem> items, Func<TItem, bool> get) => Fill<TItem, bool>(field, items, item => get(item));

        public void Texts<TItem>(DataField field, IReadOnlyList<TItem> items, Func<TItem, string?> get) =>
            Fill<TItem, ReadOnlyMemory<char>>(field, items, item => get(item) is { } text ? text.AsMemory() : null);

        public void Lists<TItem>(ListField list, IReadOnlyList<TItem> items, Func<TItem, IReadOnlyList<string>?> get, int level)
        {
            var column = Begin<ReadOnlyMemory<char>>((DataField)list.Item);
            foreach (var item in items)
            {
                var values = get(item);
                if (values is null || values.Count == 0)
                    column.Entry(values is null ? level : level + 1, 0);
                for (var i = 0; i < (values?.Count ?? 0); i++)
                    column.Value(values![i].AsMemory(), i == 0 ? 0 : 1);
            }

            End(column, items.Count);
        }

        public void Maps<TItem>(MapField map, IReadOnlyList<TItem> items, Func<TItem, IReadOnlyDictionary<string, string?>?> get, int level)
        {
            var keys = Begin<ReadOnlyMemory<char>>((DataField)map.Key);
            var values = Begin<ReadOnlyMemory<char>>((DataField)map.Value);
            foreach (var item in items)
            {
                var entries = get(item);
                if (entries is null || entries.Count == 0)
                {
                    keys.Entry(entries is null ? level : level + 1, 0);
                    values.Entry(entries is null ? level : level + 1, 0);
                    continue;
                }

                var repetition = 0;
                foreach (var (key, value) in entries)
                {
                    keys.Value(key.AsMemory(), repetition);
                    if (value is null)
                        values.Entry(values.Field.MaxDefinitionLevel - 1, repetition);
                    else
                        values.Value(value.AsMemory(), repetition);
                    repetition = 1;
                }
            }

            End(keys, items.Count);
            End(values, items.Count);
        }

        private void Fill<TItem, T>(DataField field, IReadOnlyList<TItem> items, Func<TItem, T?> get)
            where T : struct
        {
            var column = Begin<T>(field);
            foreach (var item in items)
            {
                if (get(item) is { } value)
                    column.Value(value);
                else
                    column.Entry(field.MaxDefinitionLevel - 1, 0);
            }

            End(column, items.Count);
        }

        private NestedColumn<T> Begin<T>(DataField field)
            where T : struct
        {
            var column = new NestedColumn<T>(field);
            Columns[field] = column;
            column.Absent(_first, 0);
            return column;
        }

        private void End(INestedColumn column, int count) => column.Absent(rows - _first - count, 0);
    }
}
