using RealTimeMesh.Contracts;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Why an event cannot become a row of its table.</summary>
/// <param name="Class"><c>poison</c>: it cannot be read. <c>schema</c>: the columns cannot hold it. <c>constraint</c>: a rule of the table forbids it.</param>
/// <param name="Rule">Such as <c>unreadable</c>, <c>type</c>, <c>not_null</c> or a constraint's name.</param>
internal sealed record Rejection(string Class, string Rule, string? Field, string? Found, string? Expected, string Message)
{
    public static Rejection Unreadable(string message, int bytes, string expected) => new("poison", "unreadable", FieldOf(message), $"{bytes} bytes", expected, message);

    public static Rejection Of(SchemaMisfit misfit, int schemaId) =>
        new("schema", "incompatible", misfit.Field, misfit.Found, misfit.Expected, $"schema id {schemaId}: {misfit}");

    /// <summary>The field that a decoder's message begins with.</summary>
    private static string? FieldOf(string message) =>
        message.StartsWith("field '", StringComparison.Ordinal) && message.IndexOf('\'', 7) is > 0 and var end ? message[7..end] : null;
}
