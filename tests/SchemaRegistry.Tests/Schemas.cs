namespace RealTimeMesh.SchemaRegistry.Tests;

internal static class Schemas
{
    public static readonly string One = Record("""{"name":"a","type":"int"}""");

    public static readonly string OneWithDefault = Record("""{"name":"a","type":"int"},{"name":"b","type":"string","default":""}""");

    public static readonly string OneWithoutDefault = Record("""{"name":"a","type":"int"},{"name":"c","type":"string"}""");

    public static string Record(string fields, string name = "R") => $$"""{"type":"record","name":"{{name}}","fields":[{{fields}}]}""";
}
