using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>What becomes of the tables and warehouse loads downstream of a stream.</summary>
internal sealed class TableImpact(PipelineDefinition pipeline, StreamDefinition stream, IQueryColumns engine)
{
    // What a bronze table has besides the contract's fields.
    private static readonly Field[] s_bronze =
    [
        new("_id", FieldType.String, true), new("_source", FieldType.String, true), new("_topic", FieldType.String, true), new("_partition", FieldType.Int32, true),
        new("_offset", FieldType.Int64, true), new("_ingested_at", FieldType.Timestamp, true), new("ingestion_date", FieldType.Date, true),
    ];

    private readonly Dictionary<string, RowSchema> _old = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RowSchema> _now = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Impact> _hit = new(StringComparer.Ordinal);

    /// <summary>Tables come after those they read, so that each finds the columns of its sources.</summary>
    public async Task<IReadOnlyList<Impact>> OfAsync(RowSchema contract, CancellationToken cancellationToken)
    {
        foreach (var table in pipeline.Tables)
        {
            if (table.Append is { } source)
                Append(table, source, contract);
            else
                await QueryAsync(table, cancellationToken);
        }

        return [.. _hit.Values, .. pipeline.Warehouse.Where(load => _hit.ContainsKey(load.Table)).Select(OfLoad)];
    }

    private void Append(TableDefinition table, StreamDefinition source, RowSchema contract)
    {
        _old[table.Name] = Bronze(source.Contract.Rows);
        _now[table.Name] = source.Name == stream.Name ? Bronze(contract) : _old[table.Name];
        if (source.Name != stream.Name)
            return;

        var gone = table.PartitionBy.Concat(table.ZOrder).Where(column => _now[table.Name].IndexOf(column) < 0).ToList();
        _hit[table.Name] = Of(table, gone.Count > 0 ? $"it is laid out by '{gone[0]}', which is gone" : null, [stream.Topic]);
    }

    private async Task QueryAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        if ((await engine.DescribeAsync(table.Sql!, _old, pipeline.References, cancellationToken)).Columns is not { } old)
            return;

        _old[table.Name] = old;
        var reached = table.Reads.Where(_hit.ContainsKey).ToList();
        if (reached.Count == 0)
        {
            _now[table.Name] = old;
            return;
        }

        IReadOnlyList<string> via = [.. _hit[reached[0]].Via, Shown(reached[0])];
        if (reached.Find(name => !_now.ContainsKey(name)) is { } broken)
        {
            _hit[table.Name] = new Impact("table", Shown(table.Name), ImpactEffect.Breaks, $"it reads {broken}, which breaks", [.. _hit[broken].Via, Shown(broken)]);
            return;
        }

        var (columns, error) = await engine.DescribeAsync(table.Sql!, _now, pipeline.References, cancellationToken);
        if (columns is null)
        {
            _hit[table.Name] = new Impact("table", Shown(table.Name), ImpactEffect.Breaks, $"{Path.GetFileName(table.SqlFile)}: {error}", via);
            return;
        }

        _now[table.Name] = columns;
        var key = table.Merge.FirstOrDefault(column => columns.IndexOf(column) < 0);
        _hit[table.Name] = Of(table, key is null ? null : $"its merge key '{key}' is gone", via);
        if (_hit[table.Name].Effect == ImpactEffect.Breaks)
            _now.Remove(table.Name);
    }

    private Impact Of(TableDefinition table, string? broken, IReadOnlyList<string> via)
    {
        if (broken is not null)
            return new Impact("table", Shown(table.Name), ImpactEffect.Breaks, broken, via);

        var change = ImpactAnalysis.Columns(_old[table.Name], _now[table.Name]);
        return new Impact("table", Shown(table.Name), change.Length > 0 ? ImpactEffect.Changes : ImpactEffect.None, change, via);
    }

    private Impact OfLoad(WarehouseLoad load)
    {
        var table = _hit[load.Table];
        IReadOnlyList<string> via = [.. table.Via, Shown(load.Table)];
        if (!_now.TryGetValue(load.Table, out var now))
            return new Impact("load", load.To, ImpactEffect.Breaks, $"it loads {load.Table}, which breaks", via);

        // The warehouse's table has the old columns: one that is gone or of another type no longer fits it.
        var old = _old[load.Table];
        var misfit = load.Keys.FirstOrDefault(key => now.IndexOf(key) < 0)
            ?? old.Fields.FirstOrDefault(field => now.IndexOf(field.Name) is var at && (at < 0 || now.Fields[at].Type != field.Type))?.Name;
        return misfit is null
            ? new Impact("load", load.To, table.Effect, table.Reason, via)
            : new Impact("load", load.To, ImpactEffect.Breaks, $"column '{misfit}' of {load.Table} is gone or of another type", via);
    }

    private string Shown(string table) => $"{pipeline.Name}.{table}";

    private static RowSchema Bronze(RowSchema contract) =>
        new([.. contract.Fields.Select(field => field with { Nullable = true }), .. s_bronze.Where(field => contract.IndexOf(field.Name) < 0)]);
}
