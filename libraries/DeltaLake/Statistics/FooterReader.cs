using Parquet;

namespace RealTimeMesh.DeltaLake;

/// <summary>Describes a Parquet file from its footer, without reading rows.</summary>
internal static class FooterReader
{
    /// <param name="schema">Of the table; columns are found in the file by their physical names.</param>
    /// <param name="partitionValues">By physical name; these columns are not looked for.</param>
    public static async Task<AddFile> DescribeAsync(string table, string relativePath, StructType schema, bool isMapped, StatisticsColumns indexed, IReadOnlyDictionary<string, string?> partitionValues, CancellationToken cancellationToken)
    {
        var path = Path.Combine(table, relativePath);
        DurableFiles.FlushFile(path);
        await using var reader = await ParquetReader.CreateAsync(path, null, cancellationToken);
        var metadata = reader.Metadata ?? throw new DeltaException(table, $"file '{relativePath}' has no Parquet footer.");
        var root = FooterColumns.Read(metadata.Schema);
        if (Faults(table, relativePath, schema, isMapped, partitionValues, root).FirstOrDefault() is { } fault)
            throw fault;
        // NaN is greater than any number in Delta; most writers leave it out of their bounds, DuckDB gives none where there is one.
        var boundsReals = metadata.CreatedBy?.StartsWith("DuckDB", StringComparison.Ordinal) == true;
        List<ColumnStatistics> columns = [];
        foreach (var leaf in indexed.Leaves)
        {
            var names = leaf.Select(field => field.PhysicalName).ToArray();
            if (root.Find(names) is not { } column)
                columns.Add(new ColumnStatistics(names) { NullCount = metadata.NumRows });
            else if (column.Ordinal >= 0)
                columns.Add(FooterBounds.Read(names, leaf[^1].Type, column.Element, metadata.RowGroups.Select(group => group.Columns[column.Ordinal].MetaData), boundsReals));
        }

        var info = new FileInfo(path);
        var stats = StatisticsJson.Write(metadata.NumRows, columns);
        return new AddFile(relativePath.Replace('\\', '/'), partitionValues, info.Length, new DateTimeOffset(info.LastWriteTimeUtc).ToUnixTimeMilliseconds(), true, metadata.NumRows, stats);
    }

    /// <summary>Whether a file holds every column just as one that is written now would, and none that the table has not.</summary>
    public static async Task<bool> FitsAsync(string table, AddFile file, StructType schema, bool isMapped, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(Path.Combine(table, file.Path), null, cancellationToken);
            if (reader.Metadata is not { } metadata)
                return false;
            var root = FooterColumns.Read(metadata.Schema);
            var known = schema.Fields.Select(field => field.PhysicalName).ToHashSet(StringComparer.Ordinal);
            return root.Children.All(column => known.Contains(column.Element.Name)) && !Faults(table, file.Path, schema, isMapped, file.PartitionValues, root).Any();
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or IOException or UnauthorizedAccessException))
        {
            // A schema that this library does not understand, as writers other than ours may give.
            return false;
        }
    }

    private static IEnumerable<DeltaException> Faults(string table, string path, StructType schema, bool isMapped, IReadOnlyDictionary<string, string?> partitionValues, FooterColumns root)
    {
        var stored = schema.Fields.Where(field => !partitionValues.ContainsKey(field.PhysicalName)).SelectMany(field => root.Find(field.PhysicalName) is { } column ? FooterTypes.Faults(table, path, field, column) : []);
        return isMapped ? FooterTypes.MappingFaults(table, path, schema, root).Concat(stored) : stored;
    }
}
