namespace RealTimeMesh.Snowflake;

/// <summary>Rows of a statement as the API's texts, all partitions together.</summary>
public sealed record SnowflakeResult(string Handle, IReadOnlyList<SnowflakeColumn> Columns, IReadOnlyList<string?[]> Rows);

/// <param name="Type">The API's type name, such as <c>fixed</c>, <c>text</c> or <c>timestamp_ntz</c>.</param>
public sealed record SnowflakeColumn(string Name, string Type);
