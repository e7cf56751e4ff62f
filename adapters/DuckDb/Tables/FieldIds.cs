using System.Globalization;
using System.Text;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>What the footers of files call their fields, where ids decide.</summary>
internal static class FieldIds
{
    /// <summary>Names by id for each file; files with equal footers share one. Throws where a file has no ids: any guess could be another column's values.</summary>
    public static async Task<IReadOnlyList<FileNames>> ReadAsync(DuckDbSession session, string table, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        const int FilesAtOnce = 256;
        var shapes = new Dictionary<string, FileNames>(StringComparer.Ordinal);
        var result = new List<FileNames>();
        foreach (var chunk in paths.Chunk(FilesAtOnce))
        {
            var rows = await session.RowsAsync($"SELECT file_name, name, field_id FROM parquet_schema({SqlText.List(chunk.Select(path => TableScan.Literal(table, path)))}) WHERE field_id IS NOT NULL", cancellationToken);
            var byFile = rows.ToLookup(row => (string)row[0]!, StringComparer.Ordinal);
            foreach (var path in chunk)
                result.Add(NamesOf(path, byFile[path]));
        }

        return result;

        FileNames NamesOf(string path, IEnumerable<object?[]> fields)
        {
            var names = new SortedDictionary<int, string>();
            foreach (var field in fields)
                names.TryAdd(Convert.ToInt32(field[2], CultureInfo.InvariantCulture), (string)field[1]!);
            if (names.Count == 0)
                throw new DuckDbFaultException($"table '{table}': file '{path}' has no field ids; expected them since delta.columnMapping.mode is id; write the file again with an engine that writes them.");
            var key = new StringBuilder();
            foreach (var (id, name) in names)
                key.Append(CultureInfo.InvariantCulture, $"{id}={name}\u0002");
            if (!shapes.TryGetValue(key.ToString(), out var shape))
                shapes[key.ToString()] = shape = new FileNames(names) { Key = key.ToString() };
            return shape;
        }
    }
}
