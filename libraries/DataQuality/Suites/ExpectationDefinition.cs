using System.Text.Json;

namespace RealTimeMesh.DataQuality;

/// <summary>One expectation as written in a suite.</summary>
/// <param name="Type">Such as <c>expect_column_values_to_not_be_null</c>.</param>
/// <param name="Arguments">The <c>kwargs</c> object.</param>
/// <param name="Index">0-based position in the suite.</param>
/// <param name="Line">1-based line where it begins.</param>
public sealed record ExpectationDefinition(string Type, JsonElement Arguments, ExpectationSeverity Severity, int Index, int Line);
