using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>A table as the catalog has it.</summary>
/// <param name="Schema">Its schema's name.</param>
/// <param name="Name">Its name within the schema.</param>
/// <param name="Identity">Replica identity: d (key), f (whole row), i (an index), n (nothing).</param>
/// <param name="Partitioned">Its rows stand in partitions.</param>
/// <param name="Table">Its columns.</param>
/// <param name="Kinds">Kinds of its columns' types by number, those of domains among them.</param>
internal sealed record CatalogTable(string Schema, string Name, char Identity, bool Partitioned, ChangeTable Table, IReadOnlyDictionary<uint, ChangeKind> Kinds)
{
    public IReadOnlyList<ChangeColumn> Keys { get; } = [.. Table.Columns.Where(column => column.IsKey)];

    /// <summary>Quoted for SQL.</summary>
    public string Sql => $"{Quote(Schema)}.{Quote(Name)}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
