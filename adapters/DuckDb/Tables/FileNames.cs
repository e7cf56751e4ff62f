using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>
/// How columns are called in data files: by physical name, or by what a file's footer says for each field id
/// (PROTOCOL.md, "Column Mapping", mode <c>id</c>).
/// </summary>
/// <param name="byId">Field id to name for files in which ids decide; null for none.</param>
internal sealed class FileNames(IReadOnlyDictionary<int, string>? byId, bool physical = false)
{
    /// <summary>Files are read by physical name.</summary>
    public static FileNames Physical { get; } = new(null, physical: true);

    /// <summary>Equal for files that call their fields alike.</summary>
    public string Key { get; init; } = "";

    /// <summary>Not a file but the table: logical names.</summary>
    public bool IsLogical => byId is null && !physical;

    /// <summary>The name of a field. One that the file lacks keeps its physical name, which the file then lacks too.</summary>
    public string Of(SchemaField field) =>
        IsLogical ? field.Name
        : byId is null || field.FieldId is not { } id ? field.PhysicalName
        : byId.TryGetValue(id, out var name) ? name
        : $"{field.PhysicalName}\u0001absent";
}
