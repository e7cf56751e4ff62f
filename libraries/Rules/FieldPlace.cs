namespace RealTimeMesh.Rules;

/// <summary>The place of a field in a message; all null for the message itself.</summary>
/// <param name="Path">The fields that lead to it, joined by dots.</param>
/// <param name="FullName">The full name of its record, and its own.</param>
/// <param name="Name">Its own name.</param>
internal readonly record struct FieldPlace(string? Path, string? FullName, string? Name)
{
    public FieldPlace Of(string record, string field) => new(Path is null ? field : $"{Path}.{field}", $"{record}.{field}", field);
}
