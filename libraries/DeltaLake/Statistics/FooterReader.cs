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
        if (isMapped)
            FooterTypes.CheckMapping(table, relativePath, schema, root);
        foreach (var field in schema.Fields.Where(field => !partitionValues.ContainsKey(field.PhysicalName)))
        {
            if (root.Find(field.PhysicalName) is { } column)
                FooterTypes.Check(table, relativePath, field, column);
        }

        List<ColumnStatistics> columns = [];
        foreach (var leaf in indexed.Leaves)
        {
            var names = leaf.Select(field => field.PhysicalName).ToArray();
            if (root.Find(names) is not { } column)
                columns.Add(new ColumnStatistics(names) { NullCount = metadata.NumRows });
            else if (column.Ordinal >= 0)
                columns.Add(FooterBounds.Read(names, leaf[^1].Type, column.Element, metadata.RowGroups.Select(group => group.Columns[column.Ordinal].MetaData)));
        }

        var info = new FileInfo(path);
        var stats = StatisticsJson.Write(metadata.NumRows, columns);
        return new AddFile(relativePath.Replace('\\', '/'), partitionValues, info.Length, new DateTimeOffset(info.LastWriteTimeUtc).ToUnixTimeMilliseconds(), true, metadata.NumRows, stats);
    }
}
