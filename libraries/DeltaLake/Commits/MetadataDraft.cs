using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>The metadata a transaction will set, and the protocol that it asks for.</summary>
internal sealed class MetadataDraft(string table, DeltaTableOptions options, Snapshot? snapshot)
{
    private readonly Dictionary<string, string?> _configuration = snapshot is null ? NewConfiguration(options) : snapshot.Configuration.ToDictionary(StringComparer.Ordinal);
    private readonly HashSet<string> _features = new(StringComparer.Ordinal);
    private readonly HashSet<string> _checkedConstraints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _advanced = new(StringComparer.Ordinal);
    private int _minReader = 1;
    private int _minWriter = 2;

    public StructType? Schema { get; set; } = snapshot?.Schema;

    public IReadOnlyList<string> PartitionColumns { get; set; } = snapshot?.PartitionColumns ?? [];

    public string? Name { get; set; } = snapshot?.Name;

    public string? Description { get; set; } = snapshot?.Metadata?.Description;

    public IReadOnlyDictionary<string, string?> Configuration => _configuration;

    public void Set(string name, string? value)
    {
        TableProperties.Check(table, name, value);
        switch (name)
        {
            // These three name what the protocol must hold and are no properties of the table.
            case "delta.minReaderVersion":
                _minReader = int.Parse(value!, CultureInfo.InvariantCulture);
                break;
            case "delta.minWriterVersion":
                _minWriter = int.Parse(value!, CultureInfo.InvariantCulture);
                break;
            case var feature when feature.StartsWith(TableProperties.FeaturePrefix, StringComparison.Ordinal):
                _features.Add(feature[TableProperties.FeaturePrefix.Length..]);
                break;
            case TableProperties.ColumnMappingMaxId or TableProperties.InCommitTimestampVersion or TableProperties.InCommitTimestampTime
                or TableProperties.RowIdColumn or TableProperties.RowCommitVersionColumn:
                throw new DeltaException(table, $"property '{name}' was to be set; expected nobody to: the writer keeps it.");
            default:
                _configuration[name] = value;
                break;
        }
    }

    /// <summary>Sets a CHECK constraint that every row of the table is known to satisfy.</summary>
    public void SetConstraint(string name, string sql)
    {
        _checkedConstraints.Add(name);
        _configuration[TableProperties.ConstraintPrefix + name] = sql;
    }

    /// <summary>Takes note of the last number that rows have in an identity column; of several the one that is farthest in the column's direction.</summary>
    public void Advance(string physicalName, long last, bool rising) =>
        _advanced[physicalName] = !_advanced.TryGetValue(physicalName, out var known) ? last : rising ? Math.Max(known, last) : Math.Min(known, last);

    public void Unset(string name)
    {
        if (name is TableProperties.RowIdColumn or TableProperties.RowCommitVersionColumn)
            throw new DeltaException(table, $"property '{name}' was to be unset; expected nobody to: data files may have the column.");
        _configuration.Remove(name);
    }

    /// <summary>Metadata and protocol of the commit. The protocol is the current one where nothing more is asked for.</summary>
    public (MetadataAction Metadata, ProtocolAction Protocol) Finish(long now)
    {
        var schema = Schema ?? throw new DeltaException(table, "does not exist; expected SetMetadata in the transaction that creates it.");
        var before = snapshot?.Configuration;
        ColumnMapping.CheckChange(table, before is null ? null : TableProperties.Text(before, TableProperties.ColumnMappingMode), TableProperties.Text(_configuration, TableProperties.ColumnMappingMode), snapshot is null);
        var mapped = ColumnMapping.IsOn(_configuration);
        SchemaRules.Check(table, schema, PartitionColumns, mapped);
        if (mapped)
        {
            var keepNames = before is not null && !ColumnMapping.IsOn(before);
            (schema, var maxId) = ColumnMapping.Complete(schema, TableProperties.Whole(_configuration, TableProperties.ColumnMappingMaxId, 0), keepNames, options.NewId);
            _configuration[TableProperties.ColumnMappingMaxId] = maxId.ToString(CultureInfo.InvariantCulture);
        }

        schema = IdentityColumns.Complete(table, schema, PartitionColumns, snapshot, _advanced);
        RowTracking.Complete(table, _configuration, schema, options.NewId);
        CheckConstraints();
        var features = RequiredFeatures.Of(schema, _configuration);
        features.UnionWith(_features);
        RequiredFeatures.AddImplied(features);
        var current = snapshot?.Protocol ?? ProtocolAction.Default;
        if (_minReader > current.MinReaderVersion || _minWriter > current.MinWriterVersion)
            current = Raised(current);
        var protocol = ProtocolUpgrade.For(current, features);
        var metadata = new MetadataAction(snapshot?.Metadata?.Id ?? options.NewId().ToString(), Name, Description, SchemaJson.Write(schema), PartitionColumns, _configuration, snapshot is null ? now : snapshot.Metadata?.CreatedTime);
        Features.CheckWrite(table, protocol, schema, _configuration);
        return (metadata, protocol);
    }

    /// <summary>Rows that are there must satisfy a new constraint as those that come.</summary>
    private void CheckConstraints()
    {
        if (snapshot is null || snapshot.Files.Count == 0)
            return;
        foreach (var (name, sql) in _configuration.Where(item => item.Key.StartsWith(TableProperties.ConstraintPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            if (!_checkedConstraints.Contains(name[TableProperties.ConstraintPrefix.Length..]) && !(snapshot.Configuration.TryGetValue(name, out var before) && before == sql))
                throw new DeltaException(table, $"property '{name}' was to be set on a table with rows; expected AddConstraintAsync, which checks them first.");
        }
    }

    private ProtocolAction Raised(ProtocolAction current)
    {
        var (reader, writer) = (Math.Max(_minReader, current.MinReaderVersion), Math.Max(_minWriter, current.MinWriterVersion));
        if (reader > 3 || writer > 7 || (reader == 3 && writer < 7))
            throw new DeltaException(table, string.Create(CultureInfo.InvariantCulture, $"protocol {reader}/{writer} was asked for; expected a reader version up to 3, a writer version up to 7, and 7 with reader version 3."));
        return new ProtocolAction(reader, writer, reader == 3 ? current.ReaderFeatures ?? [] : null, writer == 7 ? current.WriterFeatures ?? [.. ProtocolUpgrade.LegacyFeatures(current.MinWriterVersion)] : null);
    }

    private static Dictionary<string, string?> NewConfiguration(DeltaTableOptions options) => options.CheckpointInterval == 10
        ? new(StringComparer.Ordinal)
        : new(StringComparer.Ordinal) { [TableProperties.CheckpointInterval] = options.CheckpointInterval.ToString(CultureInfo.InvariantCulture) };
}
