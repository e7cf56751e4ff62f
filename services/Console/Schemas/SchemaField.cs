namespace RealTimeMesh.Console.Schemas;

/// <summary>A field of a schema, fields of fields joined by dots.</summary>
/// <param name="Type">As short as it can be told.</param>
/// <param name="Default">As JSON; null where there is none.</param>
public sealed record SchemaField(string Path, string Type, string? Default, string? Doc);

/// <summary>What became of a field; one side is null where it is new or gone.</summary>
public sealed record FieldChange(string Path, SchemaField? Old, SchemaField? New)
{
    public bool IsChanged => Old?.Type != New?.Type || Old?.Default != New?.Default || Old?.Doc != New?.Doc;
}
