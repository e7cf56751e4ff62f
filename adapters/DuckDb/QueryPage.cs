namespace RealTimeMesh.DuckDb;

/// <summary>A column of a query's result.</summary>
/// <param name="Type">DuckDB's name of the type, such as <c>BIGINT</c> or <c>DECIMAL(10,2)</c>.</param>
public sealed record QueryColumn(string Name, string Type);

/// <summary>Some rows of a query's result.</summary>
/// <param name="Rows">Values by column: bool, int, long, BigInteger, double, decimal, string, DateOnly, DateTime (UTC), byte[] or null.</param>
/// <param name="More">True where further rows follow.</param>
public sealed record QueryPage(IReadOnlyList<QueryColumn> Columns, IReadOnlyList<object?[]> Rows, bool More);
